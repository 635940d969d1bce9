/** The Test place: strokes on the pad, what the network makes of them, and the last evaluation. */
import { create } from 'zustand';
import type { DrawingPrediction, Evaluation, Sample } from '@trainyard/types';
import type { Stroke } from '../places/test/ink';

/** An answer besides the first: of a network with several outputs. */
export interface FurtherAnswer {
  name: string;
  values: Float32Array;
}

interface TestState {
  strokes: readonly Stroke[];
  drawing: DrawingPrediction | null;
  drawingProblem: string | null;
  /** Fields of a table's row, by feature. */
  row: readonly string[];
  rowAnswer: readonly number[] | null;
  rowProblem: string | null;
  text: string;
  textAnswer: Float32Array | null;
  textProblem: string | null;
  /** What the other outputs say to the drawing or the row. */
  further: readonly FurtherAnswer[];
  evaluation: {
    phase: 'empty' | 'loading' | 'full' | 'failed';
    result: Evaluation | null;
    problem: string | null;
    mistakes: readonly { sample: Sample; predicted: number; probability: number }[];
  };
}

const nothingTested: TestState = {
  strokes: [],
  drawing: null,
  drawingProblem: null,
  row: [],
  rowAnswer: null,
  rowProblem: null,
  text: '',
  textAnswer: null,
  textProblem: null,
  further: [],
  evaluation: { phase: 'empty', result: null, problem: null, mistakes: [] },
};

export const useTest = create<TestState>(() => nothingTested);

/** Answers belong to the network and the data they were given for; the drawing and the text stay. */
export function forgetAnswers(): void {
  const { strokes, text } = useTest.getState();
  useTest.setState({ ...nothingTested, strokes, text });
}
