/** How a step's time divides among layers and ops: measured for a moment once training has got going. */
import { stepProfile } from '../state/profile';
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
    const rows = await engine.profile(false);
    const shares = sharesOf(rows);
    const profile = stepProfile(rows);
    if (profile) useTraining.setState({ shares, profile });
  } catch {
    // The estimate stays.
  }
}
