/** The Test place: strokes on the pad, what the network makes of them, and the last evaluation. */
import { create } from 'zustand';
import type { DrawingPrediction, Evaluation, Sample } from '@trainyard/types';
import type { Stroke } from '../places/test/ink';

interface TestState {
  strokes: readonly Stroke[];
  drawing: DrawingPrediction | null;
  drawingProblem: string | null;
  /** Fields of a table's row, by feature. */
  row: readonly string[];
  rowAnswer: readonly number[] | null;
  rowProblem: string | null;
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
  evaluation: { phase: 'empty', result: null, problem: null, mistakes: [] },
};

export const useTest = create<TestState>(() => nothingTested);

/** Answers belong to the network and the data they were given for; the drawing stays. */
export function forgetAnswers(): void {
  useTest.setState({ ...nothingTested, strokes: useTest.getState().strokes });
}
