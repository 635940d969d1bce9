/** The chosen data set and how far its loading got. */
import { create } from 'zustand';
import type { DataRequest, DatasetInfo, Sample } from '@trainyard/types';
import type { DataChoice } from './dataChoice';

/** What the page found out about a set besides what the engine tells. */
export interface LoadedData extends DatasetInfo {
  /** The last rows lack classes that the others have: validation, which takes the last ones, would tell nothing. */
  endLacksClasses?: boolean;
}

interface DataState {
  phase: 'empty' | 'loading' | 'ready' | 'failed';
  choice: DataChoice | null;
  info: LoadedData | null;
  /** The last request that worked, for a restarted engine. */
  request: DataRequest | null;
  /** 0..1 while files are fetched; null when the engine is at work. */
  progress: number | null;
  problem: string | null;
  /** The table that could not be loaded for nothing but gaps in its rows. */
  gaps: DataRequest | null;
  /** Said beside the data: that digits took MNIST's place, and why. */
  note: string | null;
  samples: readonly Sample[];
}

export const useData = create<DataState>(() => ({
  phase: 'empty',
  choice: null,
  info: null,
  request: null,
  progress: null,
  problem: null,
  gaps: null,
  note: null,
  samples: [],
}));
