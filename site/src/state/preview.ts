/** The first rows of a table as they stand in its file: the engine holds texts, but hands out numbers only. */
import type { DataRequest } from '@trainyard/types';

export interface Preview {
  header: string[];
  rows: string[][];
}

const readBytes = 64 * 1024;

/** Fields of comma-separated text (RFC 4180); an unfinished last line is left out by the caller. */
export function csvRows(text: string, separator: string, most: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length && rows.length < most; i += 1) {
    const char = text[i] ?? '';
    if (quoted) {
      if (char !== '"') field += char;
      else if (text[i + 1] === '"') {
        field += '"';
        i += 1;
      } else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === separator || char === '\n') {
      row.push(field.trim());
      field = '';
      if (char === '\n') {
        if (row.some((value) => value !== '')) rows.push(row);
        row = [];
      }
    } else if (char !== '\r') field += char;
  }
  return rows;
}

/** Null for a packed file. */
export function tableText(buffer: ArrayBuffer): string | null {
  const bytes = new Uint8Array(buffer);
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? null : new TextDecoder().decode(bytes).replace(/^\uFEFF/, '');
}

/** The mark that the header line has most of. */
export function separatorOf(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  const count = (mark: string) => line.split(mark).length;
  return [',', ';', '\t'].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

/** Null where there is no plain table to look into: other data, or a packed file. */
export function previewOf(request: DataRequest | null, most = 20): Preview | null {
  if (request?.kind !== 'files' || request.files.length !== 1) return null;
  const text = tableText(request.files[0]?.bytes.slice(0, readBytes) ?? new ArrayBuffer(0));
  if (text === null) return null;
  const [header, ...rows] = csvRows(text, separatorOf(text), most + 1);
  return header ? { header, rows } : null;
}
