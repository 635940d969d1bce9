/** Data of the user's own: a table, IDX files, a folder of pictures. */
import { useData } from '../state/data';
import { withoutGaps } from '../state/gaps';
import { loadRequest, order } from './data';
import type { NamedBytes } from './mnist';

const maxFileBytes = 512 * 1024 * 1024;

async function readFiles(files: readonly File[]): Promise<NamedBytes[]> {
  for (const file of files) {
    if (file.size > maxFileBytes) throw new Error(`${file.name} is too large: this page opens files up to 512 MB.`);
    if (file.size === 0) throw new Error(`${file.name} is empty.`);
  }
  if (files.reduce((sum, file) => sum + file.size, 0) > maxFileBytes)
    throw new Error('These files are too large: this page opens up to 512 MB at once.');
  return Promise.all(
    files.map(async (file) => ({ name: file.webkitRelativePath || file.name, bytes: await file.arrayBuffer() })),
  );
}

const isTable = (name: string) => /\.(csv|tsv|txt)(\.gz)?$/i.test(name);

const isPicture = (name: string) => /\.(png|jpe?g)$/i.test(name);

/** Files the user picked or dropped: a table, IDX files (the four of MNIST, or images and labels), or pictures in folders of their class. */
export function loadUserFiles(files: readonly File[]): Promise<boolean> {
  const pictures = files.filter((file) => isPicture(file.name));
  const folder = pictures[0]?.webkitRelativePath.split('/')[0];
  const table = files.some((file) => isTable(file.name));
  const choice = pictures.length > 0 && (folder || !table) ? 'pictures' : table ? 'csv' : 'idx';
  // A folder holds more than its pictures: notes, and what the system keeps there.
  const taken = choice === 'pictures' ? pictures : files;
  return loadRequest(choice, async () => {
    if (taken.length === 0) throw new Error('No file was chosen.');
    const name = choice === 'pictures' && folder ? { name: folder } : {};
    return { kind: 'files', ...name, files: await readFiles(taken), seed: 1, ...order() };
  });
}

/** Loads the table anew, with another column as what is to be predicted. */
export function setTargetColumn(label: string): Promise<boolean> {
  const { choice, request } = useData.getState();
  if (choice === null || request?.kind !== 'files') return Promise.resolve(false);
  return loadRequest(choice, () => Promise.resolve({ ...request, label }));
}

/** Loads the table that has gaps without the rows that have them. */
export async function leaveOutGaps(): Promise<boolean> {
  const { gaps } = useData.getState();
  const [file] = gaps?.kind === 'files' ? gaps.files : [];
  const mended = file ? withoutGaps(file.bytes) : null;
  if (gaps?.kind !== 'files' || !file || !mended) return false;
  const files = [{ ...file, bytes: mended.bytes }];
  const worked = await loadRequest('csv', () => Promise.resolve({ ...gaps, files }));
  const rows = mended.left === 1 ? '1 row with a gap was' : `${mended.left.toLocaleString('en')} rows with gaps were`;
  if (worked && useData.getState().choice === 'csv') useData.setState({ note: `${rows} left out.` });
  return worked;
}
