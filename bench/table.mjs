// npm run bench:table: writes the newest figures of bench/results into docs/performance.md, between its two marks.
//
//   npm run bench:table [-- --check]     --check changes nothing and fails where the page is behind
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ratioTable, root } from './results.mjs';

const folder = join(root, 'bench/results');
const page = join(root, 'docs/performance.md');
const [begin, end] = ['<!-- figures: npm run bench:table -->', '<!-- end of figures -->'];

/** The newest result of a kind: names begin with the date. */
function newest(kind) {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(`-${kind}.json`)) : [];
  const name = names.sort().pop();
  return name === undefined ? null : { name, ...JSON.parse(readFileSync(join(folder, name), 'utf8')) };
}

const markdown = ([head, ...body]) =>
  [head, head.map((_, i) => (i < 2 ? '---' : '---:')), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

function where({ name, date, commit, uncommitted, machine, browser }) {
  const state = uncommitted ? `${commit} with uncommitted changes` : commit;
  const quiet =
    machine.load > 0.5
      ? ` **The machine was not quiet (load ${machine.load}): the ratios are worth more than the figures.**`
      : '';
  return `${date.slice(0, 10)}, commit ${state}, ${machine.cores} cores (${machine.cpu}; ${machine.vectors.join(', ')})${browser ? `, ${browser}` : ''}; \`bench/results/${name}\`.${quiet}`;
}

function speeds(title, command, result) {
  if (!result) return `### ${title}\n\nNot measured yet: \`${command}\`.`;
  const abouts = result.contenders.map(({ name, about }) => `${name} ${about}`).join('; ');
  const rounds = `Images a second at batch ${result.batch}, medians of ${result.rounds} alternating rounds of ${result.seconds} s; a ratio is ours over theirs.`;
  return [`### ${title}`, `${rounds} ${abouts}.`, markdown(ratioTable(result)), where(result)].join('\n\n');
}

function load(result) {
  if (!result) return '### Load and size\n\nNot measured yet: `npm run bench:load`.';
  const { times, sizes } = result;
  const kilobytes = (bytes) => `${(bytes / 1024).toFixed(0)} KB`;
  const lines = [
    ['what', 'measured', 'goal'],
    ['page ready to use, warm cache', `${times.ready} ms`, 'before the engine'],
    ['first training step after that', `${times.first_step_after_ready} ms`, 'under 1,500 ms'],
    ['first training step after Train is pressed', `${times.first_step_after_press} ms`, ''],
    ...Object.entries(sizes.wasm).map(([name, { brotli }]) => [`${name}, brotli`, kilobytes(brotli), '700 KB']),
    ["first route's scripts, brotli", kilobytes(sizes.firstRoute.brotli), '350 KB'],
  ];
  return ['### Load and size', markdown(lines).replace('| ---: |', '| --- |'), where(result)].join('\n\n');
}

const figures = [
  speeds('In the browser', 'npm run bench:peers', newest('browser-peers')),
  speeds('Natively', 'bench/native_peers', newest('native-peers')),
  load(newest('load')),
].join('\n\n');

const text = readFileSync(page, 'utf8');
const [from, to] = [text.indexOf(begin), text.indexOf(end)];
if (from < 0 || to < from) {
  console.error(`error: docs/performance.md has lost its marks ${begin} and ${end}`);
  process.exit(1);
}
const next = `${text.slice(0, from + begin.length)}\n\n${figures}\n\n${text.slice(to)}`;
if (process.argv.includes('--check')) {
  if (next !== text) {
    console.error('error: docs/performance.md does not show the newest of bench/results: npm run bench:table');
    process.exit(1);
  }
} else if (next !== text) {
  writeFileSync(`${page}.part`, next);
  renameSync(`${page}.part`, page);
  console.log('Wrote docs/performance.md');
}
