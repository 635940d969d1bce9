/**
 * The speed page: measures this device and shows it. Address: bench.html?seconds=1&rounds=3&nets=mlp,lenet5,cnn&threads=2
 * Sets window.benchResult when done, window.benchError when it could not.
 */
import '../style/tokens.css';
import '../style/base.css';
import '../style/controls.css';
import './bench.css';
import { registerWorker, storeForOffline } from '../pwa/register';
import { netNames, type NetName } from './contender';
import { asBenchResult, type BenchResult } from './figures';
import { OurEngine } from './ours';
import { runRounds, type Plan } from './rounds';
import { makeView } from './view';
import { errorWords } from './words';

declare global {
  interface Window {
    benchResult?: BenchResult;
    /** What the engine held in the end. */
    benchMemory?: Awaited<ReturnType<OurEngine['memory']>>;
    benchError?: string;
  }
}

/** The theme chosen on the main page, else the system's. */
function showTheme(): void {
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  let chosen: string | null = null;
  try {
    chosen = localStorage.getItem('trainyard.theme');
  } catch {
    // The system's then.
  }
  const show = () => {
    const system = dark.matches ? 'dark' : 'light';
    document.documentElement.dataset['theme'] = chosen === 'light' || chosen === 'dark' ? chosen : system;
  };
  show();
  dark.addEventListener('change', show);
}

function readPlan(): Plan & { threads: number | undefined } {
  const asked = new URLSearchParams(location.search);
  const number = (name: string, fallback: number, max: number) => {
    const value = Number(asked.get(name) ?? fallback);
    return Number.isFinite(value) && value > 0 ? Math.min(value, max) : fallback;
  };
  const wanted = asked.get('nets')?.split(',');
  const nets = netNames.filter((net: NetName) => wanted?.includes(net) ?? true);
  return {
    nets: nets.length > 0 ? nets : netNames,
    rounds: Math.ceil(number('rounds', 3, 100)),
    seconds: number('seconds', 1, 60),
    threads: asked.has('threads') ? Math.ceil(number('threads', 1, 64)) : undefined,
  };
}

const plan = readPlan();
const root = document.getElementById('bench');
const view = root ? makeView(root, plan, () => void run()) : null;
let running = false;

async function run(): Promise<void> {
  if (running || !view) return;
  running = true;
  delete window.benchResult;
  delete window.benchMemory;
  delete window.benchError;
  let engine: OurEngine | null = null;
  try {
    view.begun();
    engine = await OurEngine.start(
      new URL('engine/', document.baseURI).href,
      plan.threads === undefined ? {} : { threads: plan.threads },
    );
    const { info } = engine;
    view.started(info);
    const rows = await runRounds([engine], plan, (now, done) => view.progressed(now, done));
    const memory = await engine.memory();
    window.benchMemory = memory;
    window.benchResult = asBenchResult(rows, info);
    view.finished(rows, window.benchResult, memory.wasm_bytes);
  } catch (error) {
    window.benchError = errorWords(error);
    view.failed(window.benchError);
  } finally {
    engine?.close();
    running = false;
  }
}

async function boot(): Promise<void> {
  showTheme();
  if (!(await registerWorker())) return;
  await run();
  void storeForOffline();
}

void boot();
