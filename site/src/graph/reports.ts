/** What the engine's diagnosis says of one layer. */
import type { Diagnosis, Diagnostic, LayerReport } from '@trainyard/types';
import { callsOf, type Doc } from './types';

interface Index {
  reports: Map<string, LayerReport>;
  problems: Map<string, Diagnostic[]>;
  maxMacs: number;
}

const indices = new WeakMap<Diagnosis, Index>();
const none: readonly Diagnostic[] = [];

function indexOf(diagnosis: Diagnosis): Index {
  const known = indices.get(diagnosis);
  if (known) return known;
  const problems = new Map<string, Diagnostic[]>();
  for (const item of diagnosis.diagnostics) {
    if (item.node === null) continue;
    problems.set(item.node, [...(problems.get(item.node) ?? []), item]);
  }
  const reports = new Map(diagnosis.layers.map((layer) => [layer.id, layer]));
  const index = { reports, problems, maxMacs: Math.max(1, diagnosis.totals.macs) };
  indices.set(diagnosis, index);
  return index;
}

export function reportOf(diagnosis: Diagnosis | null, layerId: string): LayerReport | undefined {
  return diagnosis ? indexOf(diagnosis).reports.get(layerId) : undefined;
}

/** The shapes that one call of a layer gives: a shared layer's report has those of all its calls, one after the other. */
export function shapesOf(report: LayerReport | undefined, doc: Doc, node: string): readonly (number | null)[][] {
  const shapes = report?.output_shapes ?? [];
  const calls = callsOf(doc, doc.nodes[node]?.layer ?? '');
  const each = shapes.length / Math.max(1, calls.length);
  if (calls.length < 2 || !Number.isInteger(each)) return shapes;
  const first = each * calls.findIndex(({ id }) => id === node);
  return shapes.slice(first, first + each);
}

export function problemsOf(diagnosis: Diagnosis | null, layerId: string): readonly Diagnostic[] {
  return (diagnosis ? indexOf(diagnosis).problems.get(layerId) : undefined) ?? none;
}

const ofNetwork = /^(layers|config|class_name|input_layers|output_layers)\b|^$/;

/** The network itself has no mistakes: it can be saved, whatever the data at hand and the training settings are. */
export function isWhole(diagnosis: Diagnosis | null): boolean {
  const wrong = (item: Diagnostic) => item.severity === 'error' && (item.node !== null || ofNetwork.test(item.path));
  return diagnosis !== null && diagnosis.layers.length > 0 && !diagnosis.diagnostics.some(wrong);
}

/** A layer's share of the step by multiply-accumulates, where no times were measured. */
export function shareOf(diagnosis: Diagnosis | null, layerId: string): number {
  const report = reportOf(diagnosis, layerId);
  return report && diagnosis ? report.macs / indexOf(diagnosis).maxMacs : 0;
}

/** Mistakes that belong to no layer: the data, the optimizer, the whole model. */
export function generalProblems(diagnosis: Diagnosis | null): readonly Diagnostic[] {
  return diagnosis?.diagnostics.filter((item) => item.node === null) ?? none;
}
