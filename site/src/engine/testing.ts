/** Using the trained network: drawings, rows, the test set. */
import type { Sample } from '@trainyard/types';
import { rasterise, inkSide, type Stroke } from '../places/test/ink';
import { useData } from '../state/data';
import { useTest } from '../state/testing';
import { toSeen } from '../state/columns';
import { isBusy, useTraining } from '../state/training';
import { ensureModel } from './model';
import { errorText, needEngine } from './session';
import { restored } from './weights';
import { latestWins } from './latest';

/** While a fit runs its model is the current one already and must not be loaded anew. */
async function readyModel(): Promise<void> {
  await restored();
  if (!isBusy(useTraining.getState().phase)) await ensureModel();
}

const askDrawing = latestWins(
  async (strokes: readonly Stroke[]) => {
    await readyModel();
    return needEngine().predictDrawing({ width: inkSide, height: inkSide, values: rasterise(strokes) });
  },
  (drawing) =>
    useTest.setState({ drawing: useTest.getState().strokes.length === 0 ? null : drawing, drawingProblem: null }),
  (error) => useTest.setState({ drawing: null, drawingProblem: errorText(error) }),
);

export function setStrokes(strokes: readonly Stroke[]): void {
  useTest.setState(strokes.length === 0 ? { strokes, drawing: null, drawingProblem: null } : { strokes });
  if (strokes.length > 0) askDrawing(strokes);
}

/** Asks again about the same drawing: the network has learned meanwhile. */
export function refreshDrawing(): void {
  const { strokes } = useTest.getState();
  if (strokes.length > 0) askDrawing(strokes);
}

const askRow = latestWins(
  async (values: readonly number[]) => {
    await readyModel();
    const prediction = await needEngine().predict([{ shape: [1, values.length], values: Float32Array.from(values) }]);
    return [...(prediction.outputs[0]?.values ?? [])];
  },
  (rowAnswer) => useTest.setState({ rowAnswer, rowProblem: null }),
  (error) => useTest.setState({ rowAnswer: null, rowProblem: errorText(error) }),
);

export function setRow(row: readonly string[]): void {
  useTest.setState({ row });
  const values = row.map((text) => (text.trim() === '' ? NaN : Number(text)));
  const info = useData.getState().info;
  if (info && values.every(Number.isFinite)) askRow(toSeen(info, values));
  else useTest.setState({ rowAnswer: null, rowProblem: null });
}

const shownMistakes = 24;

export async function evaluateTestSet(): Promise<void> {
  const set = (patch: Partial<ReturnType<typeof useTest.getState>['evaluation']>) =>
    useTest.setState({ evaluation: { ...useTest.getState().evaluation, ...patch } });
  set({ phase: 'loading', problem: null });
  try {
    await readyModel();
    const engine = needEngine();
    const result = await engine.evaluate({ split: 'test' });
    const mistakes = await Promise.all(
      result.mistakes.slice(0, shownMistakes).map(async ({ index, predicted, probability }) => {
        const [sample] = await engine.samples({ split: 'test', start: index, count: 1 });
        return sample ? [{ sample, predicted, probability }] : [];
      }),
    );
    set({ phase: 'full', result, mistakes: mistakes.flat() });
  } catch (error) {
    set({ phase: 'failed', problem: errorText(error) });
  }
}

/** Some sample of the test set, for the row fields. */
export async function randomTestRow(): Promise<Sample | null> {
  const count = useData.getState().info?.test_count ?? 0;
  if (count === 0) return null;
  const [sample] = await needEngine().samples({ split: 'test', start: Math.floor(Math.random() * count), count: 1 });
  return sample ?? null;
}
