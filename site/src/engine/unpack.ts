/** Unpacking of gzip files (RFC 1952) by the browser. */

/** All parts in one buffer. `expected`: how long that should be; it grows where it is too small. */
export async function gathered(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  expected: number,
  onBytes: (count: number) => void = () => undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = new Uint8Array(expected);
  let end = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const next = end + part.value.byteLength;
    if (next > bytes.byteLength) {
      const larger = new Uint8Array(2 * next);
      larger.set(bytes);
      bytes = larger;
    }
    bytes.set(part.value, end);
    end = next;
    onBytes(part.value.byteLength);
  }
  return end === bytes.byteLength ? bytes : bytes.slice(0, end);
}

const mostUnpacked = 2 ** 26;

/** What the trailer of a gzip file says (RFC 1952); null of anything else. */
function unpackedSize(packed: Uint8Array): number | null {
  if (packed.byteLength < 18 || packed[0] !== 0x1f || packed[1] !== 0x8b) return null;
  const size = new DataView(packed.buffer, packed.byteOffset + packed.byteLength - 4, 4).getUint32(0, true);
  return size <= mostUnpacked ? size : null;
}

/** The browser unpacks several times as fast as the engine. What it cannot unpack the engine is given as it is: it can say why. */
export async function unpacked(packed: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const size = unpackedSize(packed);
  if (size === null || typeof DecompressionStream === 'undefined') return packed;
  const stream = new DecompressionStream('gzip');
  const writer = stream.writable.getWriter();
  const written = writer.write(packed).then(() => writer.close());
  const [plain] = await Promise.allSettled([gathered(stream.readable.getReader(), size), written]);
  return plain.status === 'fulfilled' ? plain.value : packed;
}
