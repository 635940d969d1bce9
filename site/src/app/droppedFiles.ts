/** What was dropped, folders with all that lies in them: of those a browser gives only the names away. */

const mostFiles = 100_000;

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

/** A reader gives some entries at a time, and none when there are no more. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0 || all.length > mostFiles) return all;
    all.push(...some);
  }
}

async function walk(entry: FileSystemEntry, found: File[]): Promise<void> {
  if (found.length > mostFiles) return;
  if (entry.isDirectory) {
    for (const inner of await entriesOf(entry as FileSystemDirectoryEntry)) await walk(inner, found);
    return;
  }
  const file = await fileOf(entry as FileSystemFileEntry);
  // As a chosen folder's files are called: by their way from it.
  Object.defineProperty(file, 'webkitRelativePath', { value: entry.fullPath.replace(/^\//, '') });
  found.push(file);
}

/** Must be called while the drop is handled: afterwards a browser has forgotten it. */
export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  const plain = [...transfer.files];
  const entries = [...transfer.items].flatMap((item) =>
    item.kind === 'file' ? (item.webkitGetAsEntry?.() ?? []) : [],
  );
  if (!entries.some((entry) => entry.isDirectory)) return plain;
  const found: File[] = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}
