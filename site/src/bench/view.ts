/** What the speed page shows: a meter while it measures, bars for each task, or what went wrong. Plain DOM, no framework. */
import type { EngineInfo } from '@trainyard/types';
import { batchSize, tasks, type NetName, type Task } from './contender';
import { barsOf, epochWords, type Bar, type BenchResult } from './figures';
import type { Measured, Plan } from './rounds';

const netTitles: Record<NetName, [string, string]> = {
  mlp: ['MLP', '784-512-512-10'],
  lenet5: ['LeNet-5', 'the classic for handwriting'],
  cnn: ['CNN', '32 and 64 filters'],
};
const taskTitles: Record<Task, [string, string]> = {
  train: ['Training', 'Forward, backward and Adam; images a second'],
  predict: ['Prediction', 'From the page to the engine and back; images a second'],
};

type Child = Node | string;

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const whole = (value: number) => Math.round(value).toLocaleString('en');

function note(bar: Bar, task: Task): string {
  const parts = [];
  if (task === 'train' && bar.rate) parts.push(epochWords(bar.rate));
  if (bar.range) parts.push(`rounds ${whole(bar.range[0])} – ${whole(bar.range[1])}`);
  return parts.join(' · ');
}

function barRow(bar: Bar, task: Task): HTMLElement {
  const [title, about] = netTitles[bar.net];
  const fill = element('span');
  fill.style.width = `${(bar.part * 100).toFixed(2)}%`;
  return element(
    'li',
    { class: 'speed' },
    element('span', { class: 'speed-name' }, title, element('span', { class: 'muted small' }, about)),
    element('span', { class: 'speed-figure' }, bar.rate === null ? '–' : whole(bar.rate)),
    element('span', { class: `speed-bar of-${task}`, 'aria-hidden': 'true' }, fill),
    element('span', { class: 'speed-note muted small' }, note(bar, task)),
  );
}

function chart(task: Task, rows: readonly Measured[], nets: readonly NetName[]): HTMLElement {
  const [title, about] = taskTitles[task];
  return element(
    'section',
    { class: 'card', 'aria-label': title },
    element('h2', {}, title),
    element('p', { class: 'muted small' }, about),
    element('ul', { class: 'speeds' }, ...barsOf(rows, nets, task).map((bar) => barRow(bar, task))),
  );
}

function save(result: BenchResult, info: EngineInfo): void {
  const facts = { ...result, batch: batchSize, build: info.build, version: info.version, agent: navigator.userAgent };
  const blob = new Blob([`${JSON.stringify(facts, null, 2)}\n`], { type: 'application/json' });
  const link = element('a', { href: URL.createObjectURL(blob), download: 'trainyard-speed.json' });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export interface View {
  begun: () => void;
  started: (info: EngineInfo) => void;
  progressed: (rows: readonly Measured[], done: number) => void;
  finished: (rows: readonly Measured[], result: BenchResult, memoryBytes: number) => void;
  failed: (problem: string) => void;
}

/** The page's lasting parts. */
function makeParts() {
  const fill = element('span');
  const meter = element(
    'div',
    { class: 'meter', role: 'progressbar', 'aria-label': 'Measuring', 'aria-valuemin': '0', 'aria-valuemax': '100' },
    fill,
  );
  return {
    status: element('p', { class: 'bench-status', 'aria-live': 'polite' }),
    engine: element('p', { class: 'muted' }),
    fill,
    meter,
    problem: element('div', { class: 'bench-problem', role: 'alert', hidden: '' }),
    charts: element('div', { class: 'bench-charts' }),
    repeat: element('button', { type: 'button', class: 'button primary large' }, 'Measure again'),
    keep: element('button', { type: 'button', class: 'button large' }, 'Save as JSON'),
  };
}

function lay(
  root: HTMLElement,
  { status, meter, engine, problem, charts, keep, repeat }: ReturnType<typeof makeParts>,
) {
  root.replaceChildren(
    element(
      'header',
      { class: 'bench-head' },
      element('h1', {}, 'How fast is this device?'),
      element('a', { href: './', class: 'bench-home' }, 'Open Trainyard'),
    ),
    element(
      'p',
      {},
      `Three networks learn from and read ${batchSize} pictures at a time, in this tab. Nothing leaves your device.`,
    ),
    element('section', { class: 'card stack', 'aria-label': 'Measurement' }, status, meter, engine, problem),
    charts,
    element('div', { class: 'bench-actions' }, keep, repeat),
  );
}

export function makeView(root: HTMLElement, plan: Plan, again: () => void): View {
  const parts = makeParts();
  const { status, engine, fill, meter, problem, charts, repeat, keep } = parts;
  let known: EngineInfo | null = null;
  let last: BenchResult | null = null;
  repeat.addEventListener('click', again);
  keep.addEventListener('click', () => {
    if (last && known) save(last, known);
  });
  const draw = (rows: readonly Measured[]) =>
    charts.replaceChildren(...tasks.map((task) => chart(task, rows, plan.nets)));
  const busy = (on: boolean) => {
    repeat.disabled = on;
    keep.disabled = on || last === null;
  };
  const progress = (part: number) => {
    const percent = Math.round(part * 100);
    meter.setAttribute('aria-valuenow', String(percent));
    fill.style.transform = `scaleX(${part.toFixed(3)})`;
    return percent;
  };
  lay(root, parts);
  return {
    begun() {
      last = null;
      problem.hidden = true;
      meter.hidden = false;
      status.textContent = 'Starting the engine …';
      engine.textContent = '';
      busy(true);
      progress(0);
      draw([]);
    },
    started(info) {
      known = info;
      const threads = info.threads === 1 ? '1 thread' : `${info.threads} threads`;
      engine.textContent = `Build “${info.build}”, ${threads}: ${info.reason}.`;
      status.textContent = 'Warming up …';
    },
    progressed(rows, done) {
      status.textContent = `Measuring: ${progress(done)} %`;
      draw(rows);
    },
    finished(rows, result, memoryBytes) {
      last = result;
      const rounds = plan.rounds === 1 ? 'One round' : `Medians of ${plan.rounds} rounds`;
      status.textContent = `${rounds} of ${plan.seconds} s`;
      engine.textContent = `${engine.textContent} ${Math.round(memoryBytes / 2 ** 20)} MB of memory.`;
      progress(1);
      busy(false);
      draw(rows);
    },
    failed(text) {
      status.textContent = 'This could not be measured.';
      problem.hidden = false;
      meter.hidden = true;
      problem.replaceChildren(
        element('p', {}, text),
        element('p', { class: 'small' }, 'Your projects are untouched. Try again, or reload the page.'),
      );
      busy(false);
    },
  };
}
