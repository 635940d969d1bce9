/** How a step's time divides among the layers: measured for a moment once training has got going. */
import { useTraining } from '../state/training';
import { engineOrNull } from './session';

const measureMs = 1200;

interface Timed {
  layer: string;
  milliseconds: number;
}

/** Each layer's part of all the time that belongs to a layer. */
export function sharesOf(rows: readonly Timed[]): Record<string, number> {
  const sums: Record<string, number> = {};
  let total = 0;
  for (const { layer, milliseconds } of rows) {
    if (layer === '') continue;
    sums[layer] = (sums[layer] ?? 0) + milliseconds;
    total += milliseconds;
  }
  if (total <= 0) return {};
  return Object.fromEntries(Object.entries(sums).map(([layer, sum]) => [layer, sum / total]));
}

/** Failing costs only the bars on the nodes: they go on showing the estimate. */
export async function measureShares(): Promise<void> {
  const engine = engineOrNull();
  if (!engine) return;
  try {
    await engine.profile(true);
    await new Promise((resolve) => setTimeout(resolve, measureMs));
    const shares = sharesOf(await engine.profile(false));
    if (Object.keys(shares).length > 0) useTraining.setState({ shares });
  } catch {
    // The estimate stays.
  }
}
