/** Runs the golden program with the case files in memory and posts what it printed. A worker, because it may block. */
export interface GoldenRequest {
  script: string;
  args: string[];
  /** Addresses of the case files, by their path below the case folder. */
  cases: Record<string, string>;
}

export interface GoldenAnswer {
  status: number;
  lines: string[];
}

interface Glue {
  FS: { mkdirTree: (path: string) => void; writeFile: (path: string, bytes: Uint8Array) => void };
  callMain: (args: string[]) => number;
}

interface GlueOptions {
  preRun: ((module: { ENV: Record<string, string> }) => void)[];
  print: (line: string) => void;
  printErr: (line: string) => void;
  mainScriptUrlOrBlob: string;
}

const scope = self as unknown as DedicatedWorkerGlobalScope;

async function run({ script, args, cases }: GoldenRequest): Promise<GoldenAnswer> {
  const lines: string[] = [];
  const keep = (line: string) => void lines.push(line);
  const glue = (await import(/* @vite-ignore */ script)) as { default: (options: GlueOptions) => Promise<Glue> };
  const module = await glue.default({
    preRun: [(made) => (made.ENV['TRAINYARD_GOLDEN'] = '/cases')],
    print: keep,
    printErr: keep,
    mainScriptUrlOrBlob: script,
  });
  for (const [path, url] of Object.entries(cases)) {
    const target = `/cases/${path}`;
    module.FS.mkdirTree(target.slice(0, target.lastIndexOf('/')));
    module.FS.writeFile(target, new Uint8Array(await (await fetch(url)).arrayBuffer()));
  }
  try {
    return { status: module.callMain(args), lines };
  } catch (error) {
    return { status: -1, lines: [...lines, String(error)] };
  }
}

scope.onmessage = async (event: MessageEvent<GoldenRequest>) => {
  scope.postMessage(await run(event.data).catch((error: unknown) => ({ status: -1, lines: [String(error)] })));
};
