/** A saved model's tensors alone: its header also tells how long the training took. */
export function tensorsOf(file: Buffer): Buffer {
  return file.subarray(8 + Number(file.readBigUInt64LE(0)));
}
