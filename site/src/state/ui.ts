/** What is only about the page: where one is, what is selected, what lies open. Never saved with the project. */
import { create } from 'zustand';
import type { From } from '../graph/types';

export const places = ['build', 'data', 'train', 'test', 'export'] as const;
export type Place = (typeof places)[number];
export type SheetName = 'palette' | 'inspector' | 'status' | null;
export type SheetSize = 'half' | 'full';
export type DialogName = 'keys' | 'templates' | 'more' | 'clear' | null;
export type Theme = 'system' | 'light' | 'dark';

export interface Notice {
  id: number;
  tone: 'info' | 'good' | 'warning' | 'error';
  text: string;
  action?: { label: string; run: () => void };
}

interface UiState {
  place: Place;
  selectedNodes: readonly string[];
  selectedEdges: readonly string[];
  /** The node the keyboard stands on. */
  current: string | null;
  /** Connecting by taps or keys: the node the edge starts from. */
  connectFrom: string | null;
  /** Which of its outputs. */
  connectOutput: From;
  sheet: SheetName;
  sheetSize: SheetSize;
  dialog: DialogName;
  theme: Theme;
  notices: readonly Notice[];
  tourStep: number | null;
  /** Grows when the canvas is asked to show everything. */
  fitRequests: number;
  /** However small that makes it; else only as far as it stays readable. */
  fitWhole: boolean;
  paletteQuery: string;
}

const initial: UiState = {
  place: 'build',
  selectedNodes: [],
  selectedEdges: [],
  current: null,
  connectFrom: null,
  connectOutput: { tensor: 0 },
  sheet: null,
  sheetSize: 'half',
  dialog: null,
  theme: 'system',
  notices: [],
  tourStep: null,
  fitRequests: 0,
  fitWhole: false,
  paletteQuery: '',
};

export const useUi = create<UiState>(() => initial);
export const setUi = (patch: Partial<UiState>): void => useUi.setState(patch);

export function goTo(place: Place): void {
  setUi({ place, sheet: null, connectFrom: null });
}

export function select(nodes: readonly string[], edges: readonly string[] = []): void {
  setUi({ selectedNodes: nodes, selectedEdges: edges, current: nodes[nodes.length - 1] ?? null });
}

export function openSheet(sheet: SheetName, sheetSize: SheetSize = 'half'): void {
  setUi({ sheet, sheetSize });
}

let noticeId = 0;

export function notify(tone: Notice['tone'], text: string, action?: Notice['action']): number {
  noticeId += 1;
  const notice: Notice = action ? { id: noticeId, tone, text, action } : { id: noticeId, tone, text };
  setUi({ notices: [...useUi.getState().notices.filter((item) => item.text !== text), notice].slice(-3) });
  return noticeId;
}

export function dismiss(id: number): void {
  setUi({ notices: useUi.getState().notices.filter((notice) => notice.id !== id) });
}

export const requestFit = (whole = false): void =>
  setUi({ fitRequests: useUi.getState().fitRequests + 1, fitWhole: whole });
