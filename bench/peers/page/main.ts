/**
 * One page, one browser, the same nets and batch for all. Address: ?nets=mlp,cnn&rounds=5&seconds=2&threads=2&peers=wasm,webgl,jax
 * Sets window.peersResult when done, or window.peersError.
 */
import {
  CannotError,
  netNames,
  plainNet,
  tasks,
  type Contender,
  type NetName,
  type PlainNet,
} from '../../../site/src/bench/contender';
import { OurEngine } from '../../../site/src/bench/ours';
import { runRounds, type Measured } from '../../../site/src/bench/rounds';
import { JaxJs } from './jaxjs';
import { TensorFlowJs } from './tfjs';

declare const __JAX_VERSION__: string;

const asked = new URLSearchParams(location.search);
const list = (name: string, fallback: readonly string[]) => asked.get(name)?.split(',').filter(Boolean) ?? fallback;
const threads = Number(asked.get('threads') ?? navigator.hardwareConcurrency);
const nets = netNames.filter((name) => list('nets', netNames).includes(name));
const peers = list('peers', ['wasm', 'webgl', 'jax']);
const plan = { nets, rounds: Number(asked.get('rounds') ?? 5), seconds: Number(asked.get('seconds') ?? 2) };

export interface PeersResult {
  contenders: { name: string; about: string }[];
  /** Contenders that could not be started here, and why. */
  absent: { name: string; why: string }[];
  /** Ours, after the last net. */
  memory: Awaited<ReturnType<OurEngine['memory']>>;
  rows: Measured[];
  userAgent: string;
  isolated: boolean;
}

declare global {
  interface Window {
    peersResult?: PeersResult;
    peersError?: string;
  }
}

const status = document.getElementById('status');
const table = document.getElementById('table');

function show(rows: readonly Measured[], contenders: readonly Contender[]): void {
  const cell = (row: Measured | undefined) =>
    row?.cannot ? 'cannot' : row?.median ? Math.round(row.median).toLocaleString('en') : '…';
  const line = (cells: string[], kind: string) => {
    const element = document.createElement('tr');
    for (const text of cells) element.appendChild(document.createElement(kind)).textContent = text;
    return element;
  };
  table?.replaceChildren(
    line(['', ...contenders.map(({ name }) => name)], 'th'),
    ...nets.flatMap((net) =>
      tasks.map((task) => {
        const of = (name: string) => rows.find((row) => row.net === net && row.task === task && row.contender === name);
        return line([`${net}, ${task}`, ...contenders.map(({ name }) => cell(of(name)))], 'td');
      }),
    ),
  );
}

async function startPeers(plain: Record<NetName, PlainNet>) {
  const folder = new URL('tfjs/', location.href).href;
  const starts: [string, string, () => Promise<Contender>][] = [
    ['wasm', 'TensorFlow.js wasm', () => TensorFlowJs.start('wasm', plain, { threads, folder })],
    ['webgl', 'TensorFlow.js webgl', () => TensorFlowJs.start('webgl', plain, { threads, folder })],
    ['jax', 'jax-js', () => JaxJs.start(plain, __JAX_VERSION__)],
  ];
  const present: Contender[] = [];
  const absent: PeersResult['absent'] = [];
  for (const [key, name, start] of starts) {
    if (!peers.includes(key)) continue;
    try {
      present.push(await start());
    } catch (error) {
      if (!(error instanceof CannotError)) throw error;
      absent.push({ name, why: error.message });
    }
  }
  return { present, absent };
}

async function main(): Promise<PeersResult> {
  const ours = await OurEngine.start(new URL('engine/', location.href).href, { threads });
  const plain = {} as Record<NetName, PlainNet>;
  for (const net of netNames) plain[net] = plainNet(await ours.template(net));
  const { present, absent } = await startPeers(plain);
  const contenders = [ours, ...present];
  const rows = await runRounds(contenders, plan, (now, done, what) => {
    if (status) status.textContent = `${Math.round(done * 100)} %: ${what}`;
    console.info(`${Math.round(done * 100)} % ${what}`);
    show(now, contenders);
  });
  const memory = await ours.memory();
  ours.close();
  show(rows, contenders);
  return {
    contenders: contenders.map(({ name, about }) => ({ name, about })),
    absent,
    memory,
    rows,
    userAgent: navigator.userAgent,
    isolated: crossOriginIsolated,
  };
}

main().then(
  (result) => {
    window.peersResult = result;
    if (status) status.textContent = 'Done.';
  },
  (error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error);
    window.peersError = text;
    if (status) status.textContent = text;
  },
);
