/** Using the trained network: drawings, rows, texts, the test set. */
import type { DatasetInfo, Prediction, Sample } from '@trainyard/types';
import type { Stroke } from '../places/test/ink';
import { inkSide, rasterise } from '../places/test/raster';
import { useData } from '../state/data';
import { trainSettings } from '../state/fitOptions';
import { withPoint } from '../graph/words';
import { currentDoc } from '../state/project';
import { questionKind } from '../state/question';
import { useTest, type FurtherAnswer } from '../state/testing';
import { toSeen } from '../state/columns';
import { labelTarget } from '../state/targets';
import { isBusy, useTraining } from '../state/training';
import { ensureModel } from './model';
import { errorText, needEngine, useEngine } from './session';
import { restored } from './weights';
import { latestWins } from './latest';

/** While a fit runs its model is the current one already and must not be loaded anew. */
async function readyModel(): Promise<void> {
  await restored();
  if (!isBusy(useTraining.getState().phase)) await ensureModel();
}

/** What the outputs say that the page has no other place for: those after the first, and the first where it does not tell the label. */
function furtherAnswers(prediction: Prediction): FurtherAnswer[] {
  const { diagnosis, catalog } = useEngine.getState();
  const outputs = diagnosis?.outputs ?? [];
  const { targets } = trainSettings(currentDoc(), useData.getState().info, diagnosis, catalog);
  return prediction.outputs
    .map(({ values }, index) => ({ name: outputs[index]?.name ?? '', values }))
    .filter(({ name }, index) => index > 0 || (targets[name] ?? labelTarget) !== labelTarget);
}

/** Before anything is asked. */
function hasFurtherAnswers(): boolean {
  const outputs = useEngine.getState().diagnosis?.outputs ?? [];
  return furtherAnswers({ outputs: outputs.map(() => ({ shape: [], values: new Float32Array() })) }).length > 0;
}

const askDrawing = latestWins(
  async (strokes: readonly Stroke[]) => {
    await readyModel();
    const engine = needEngine();
    const drawing = await engine.predictDrawing({ width: inkSide, height: inkSide, values: rasterise(strokes) });
    if (drawing.empty || !hasFurtherAnswers()) return { drawing, further: [] };
    const { width, height, values } = drawing.seen;
    const further = furtherAnswers(await engine.predict([{ shape: [1, height, width, 1], values: values.slice() }]));
    return { drawing, further };
  },
  ({ drawing, further }) =>
    useTest.setState(
      useTest.getState().strokes.length === 0
        ? { drawing: null, further: [], drawingProblem: null }
        : { drawing, further, drawingProblem: null },
    ),
  (error) => useTest.setState({ drawing: null, further: [], drawingProblem: errorText(error) }),
);

export function setStrokes(strokes: readonly Stroke[]): void {
  useTest.setState(strokes.length === 0 ? { strokes, drawing: null, further: [], drawingProblem: null } : { strokes });
  if (strokes.length > 0) askDrawing(strokes);
}

/** Asks again about the same drawing, row or text: the network has learned meanwhile. */
export function refreshAnswers(): void {
  const { strokes, row, text } = useTest.getState();
  const kind = questionKind(useEngine.getState().diagnosis, useData.getState().info);
  if (kind === 'picture' && strokes.length > 0) askDrawing(strokes);
  if (kind === 'row' && row.length > 0) setRow(row);
  if (kind === 'text' && text.trim() !== '') askText(text);
}

/** A row's values for each of the network's inputs: the one of its name, else all. */
function inputsOf(info: DatasetInfo, seen: readonly number[]): { shape: number[]; values: Float32Array }[] {
  const inputs = useEngine.getState().diagnosis?.inputs ?? [];
  if (inputs.length < 2) return [{ shape: [1, seen.length], values: Float32Array.from(seen) }];
  return inputs.map(({ name }) => {
    const column = info.features.indexOf(name);
    const values = column < 0 ? seen : [seen[column] ?? 0];
    return { shape: [1, values.length], values: Float32Array.from(values) };
  });
}

const askRow = latestWins(
  async ({ info, seen }: { info: DatasetInfo; seen: readonly number[] }) => {
    await readyModel();
    return needEngine().predict(inputsOf(info, seen));
  },
  (prediction) =>
    useTest.setState({
      rowAnswer: [...(prediction.outputs[0]?.values ?? [])],
      further: furtherAnswers(prediction),
      rowProblem: null,
    }),
  (error) => useTest.setState({ rowAnswer: null, further: [], rowProblem: errorText(error) }),
);

export function setRow(row: readonly string[]): void {
  useTest.setState({ row });
  const values = row.map((text) => (text.trim() === '' ? NaN : Number(withPoint(text))));
  const info = useData.getState().info;
  if (info && values.every(Number.isFinite)) askRow({ info, seen: toSeen(info, values) });
  else useTest.setState({ rowAnswer: null, further: [], rowProblem: null });
}

const askText = latestWins(
  async (text: string) => {
    await readyModel();
    return needEngine().predictTexts([text]);
  },
  (prediction) =>
    useTest.setState(
      useTest.getState().text.trim() === ''
        ? { textAnswer: null, textProblem: null }
        : { textAnswer: prediction.outputs[0]?.values ?? null, textProblem: null },
    ),
  (error) => useTest.setState({ textAnswer: null, textProblem: errorText(error) }),
);

export function setText(text: string): void {
  const empty = text.trim() === '';
  useTest.setState(empty ? { text, textAnswer: null, textProblem: null } : { text });
  if (!empty) askText(text);
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
