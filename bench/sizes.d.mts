export interface Packed {
  bytes: number;
  brotli: number;
}
export const limits: { wasm: number; firstRoute: number };
export function scriptsOf(html: string): string[];
export function siteSizes(
  site: string,
  options?: { toLimits?: boolean },
): {
  wasm: Record<string, Packed>;
  firstRoute: Packed & { scripts: string[] };
};
