/** Alternating rounds: what slows the machine for a while slows every contender alike, and medians forget it. */
import { CannotError, tasks, type Contender, type NetName, type Task } from './contender';

export interface Plan {
  nets: readonly NetName[];
  rounds: number;
  /** Of measuring, for each contender, net, task and round. */
  seconds: number;
}

export interface Measured {
  net: NetName;
  task: Task;
  contender: string;
  /** Images a second, round by round. Empty where it cannot. */
  rates: number[];
  median: number | null;
  /** Why there is no figure. */
  cannot: string | null;
}

export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.ceil((sorted.length - 1) / 2)];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

const reason = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);

/** Told after every figure, with the part of the work that is done, 0..1. */
export type Report = (rows: readonly Measured[], done: number, now: string) => void;

async function warm(contender: Contender, net: NetName, task: Task): Promise<string | null> {
  try {
    await contender.prepare(net, task);
    return null;
  } catch (error) {
    if (error instanceof CannotError) return error.message;
    throw new Error(`${contender.name}, ${net}, ${task}: ${reason(error)}`);
  }
}

async function runPair(
  contenders: readonly Contender[],
  plan: Plan,
  net: NetName,
  task: Task,
  onFigure: (rows: readonly Measured[], now: string) => void,
): Promise<Measured[]> {
  const rows = contenders.map<Measured>(({ name }) => ({
    net,
    task,
    contender: name,
    rates: [],
    median: null,
    cannot: null,
  }));
  for (const [i, contender] of contenders.entries()) {
    const row = rows[i];
    if (row) row.cannot = await warm(contender, net, task);
  }
  for (let round = 0; round < plan.rounds; round++) {
    for (const [i, contender] of contenders.entries()) {
      const row = rows[i];
      if (!row || row.cannot !== null) continue;
      row.rates.push(await contender.measure(task, plan.seconds));
      row.median = median(row.rates);
      onFigure(rows, contender.name);
    }
  }
  return rows;
}

export async function runRounds(contenders: readonly Contender[], plan: Plan, report: Report): Promise<Measured[]> {
  const finished: Measured[] = [];
  const total = plan.nets.length * tasks.length * plan.rounds * contenders.length;
  let figures = 0;
  for (const net of plan.nets) {
    for (const task of tasks) {
      const rows = await runPair(contenders, plan, net, task, (now, name) => {
        figures++;
        report([...finished, ...now], figures / total, `${name}: ${net}, ${task}`);
      });
      finished.push(...rows);
    }
  }
  return finished;
}
