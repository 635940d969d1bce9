/** Data in the terms of an opened model: classes numbered and columns standardised as its training had them. */
import type { DatasetInfo } from '@trainyard/types';
import { useData } from '../state/data';
import { needEngine } from './session';

const terms = ({ task, labels, features, standardization }: DatasetInfo): string =>
  JSON.stringify([task, labels, features, standardization ?? null]);

/** What the page shows of the data follows what the engine made of them; nothing happens where that is nothing new. */
export async function showTerms(data: DatasetInfo | null): Promise<void> {
  const { info, samples: shown } = useData.getState();
  if (!data || !info || terms(data) === terms(info)) return;
  const samples = await needEngine().samples({ split: 'train', start: 0, count: shown.length });
  if (useData.getState().info === info) useData.setState({ info: { ...info, ...data }, samples });
}
