/** The saved project as text, and its careful reading: what was stored by another version, or by a fault, must not stop the page. */
import { emptyDoc, type Doc, type Edge, type GraphNode, type Layer, type Setting } from '../graph/types';

const version = 1;
const maxLength = 8_000_000;

export function writeProject(doc: Doc): string {
  return JSON.stringify({ version, doc });
}

type Unknown = Record<string, unknown>;
const isRecord = (value: unknown): value is Unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const isLayer = (value: unknown): value is Layer =>
  isRecord(value) &&
  isText(value['id']) &&
  isText(value['className']) &&
  isText(value['name']) &&
  isRecord(value['config']) &&
  isRecord(value['extra']);
const isNode = (value: unknown): value is GraphNode =>
  isRecord(value) &&
  isText(value['id']) &&
  isText(value['layer']) &&
  isNumber(value['x']) &&
  isNumber(value['y']) &&
  isText(value['form']) &&
  isRecord(value['kwargs']);
const isEdge = (value: unknown): value is Edge =>
  isRecord(value) &&
  isText(value['id']) &&
  isText(value['source']) &&
  isText(value['target']) &&
  isNumber(value['tensor']) &&
  isNumber(value['order']);
const isSetting = (value: unknown): value is Setting => isRecord(value) && isText(value['id']) && 'value' in value;

function rows<T extends { id: string }>(value: unknown, check: (row: unknown) => row is T): Record<string, T> | null {
  if (!isRecord(value)) return null;
  const entries = Object.entries(value);
  return entries.every(([id, row]) => check(row) && row.id === id) ? (value as Record<string, T>) : null;
}

export function readProject(text: string): Doc | null {
  if (text.length > maxLength) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(parsed) || parsed['version'] !== version || !isRecord(parsed['doc'])) return null;
  const layers = rows(parsed['doc']['layers'], isLayer);
  const nodes = rows(parsed['doc']['nodes'], isNode);
  const edges = rows(parsed['doc']['edges'], isEdge);
  const settings = rows(parsed['doc']['settings'], isSetting);
  if (!layers || !nodes || !edges || !settings) return null;
  const whole =
    Object.values(nodes).every((node) => node.layer in layers) &&
    Object.values(edges).every((edge) => edge.source in nodes && edge.target in nodes);
  return whole ? { ...emptyDoc, layers, nodes, edges, settings } : null;
}
