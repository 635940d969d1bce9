/** What looks on while it trains, and may act: a switch for each of Keras's callbacks, with its arguments while it is on. */
import { useState } from 'react';
import type { ClassSchema, Diagnostic, Json } from '@trainyard/types';
import { classesOf, makeReference, referenceConfig, referenceName, type Catalog } from '../../graph/catalog';
import { starterConfig } from '../../graph/starters';
import { plainName } from '../../graph/summary';
import { sentence } from '../../graph/words';
import { snakeCase } from '../../graph/names';
import { changeSetting } from '../../state/project';
import type { TrainSettings } from '../../state/fitOptions';
import { ArgForm } from '../../widgets/ArgForm';
import { logNames } from './fitFields';

/** Needs a folder, which a page has not. Those without arguments (History, ProgbarLogger) are what every training does. */
const refused = new Set(['BackupAndRestore']);
const offered = (catalog: Catalog): ClassSchema[] =>
  classesOf(catalog, 'callbacks').filter((item) => item.args.length > 0 && !refused.has(item.class_name));

/** The number to watch is chosen from those that there will be. */
function withLogs(item: ClassSchema, logs: string[]): ClassSchema {
  const args = item.args.map((arg) =>
    arg.name === 'monitor' ? { ...arg, kind: 'choice' as const, choices: logs } : arg,
  );
  return { ...item, args };
}

/** What is said of `callbacks[2].patience` is shown at `patience` of the third. */
function problemsOfEntry(problems: readonly Diagnostic[], index: number): Diagnostic[] {
  const prefix = `callbacks[${index}]`;
  return problems
    .filter(({ path }) => path.startsWith(prefix))
    .map((problem) => ({ ...problem, arg: problem.path.slice(prefix.length + 1) || null }));
}

interface EntryProps {
  item: ClassSchema;
  catalog: Catalog;
  settings: TrainSettings;
  problems: readonly Diagnostic[];
}

function Entry({ item, catalog, settings, problems }: EntryProps) {
  const list = settings.callbacks;
  const index = list.findIndex((entry) => referenceName(entry) === item.class_name);
  const id = `callback-${item.class_name}`;
  const logs = logNames(settings);
  const replace = (next: Json | null) => {
    const others = list.filter((_, other) => other !== index);
    const label = `${next === null ? 'Switched off' : index < 0 ? 'Switched on' : 'Changed'} ${item.class_name}`;
    changeSetting(
      'train.callbacks',
      next === null ? others : index < 0 ? [...list, next] : list.map((old, other) => (other === index ? next : old)),
      label,
    );
  };
  const begin = () => {
    const config = starterConfig(item, catalog);
    const watched = item.args.find((arg) => arg.name === 'monitor')?.default;
    const missing = typeof watched === 'string' && !logs.includes(watched);
    return makeReference('callbacks', item.class_name, missing ? { ...config, monitor: 'loss' } : config);
  };
  const entry = list[index];
  return (
    <li className="callback">
      <div className="arg flag">
        <div className="arg-head">
          <label htmlFor={id}>
            {plainName(snakeCase(item.class_name))} <span className="muted small">{item.class_name}</span>
          </label>
        </div>
        <input
          id={id}
          className="switch"
          type="checkbox"
          role="switch"
          checked={index >= 0}
          aria-describedby={`${id}-doc`}
          onChange={(event) => replace(event.target.checked ? begin() : null)}
        />
        <p id={`${id}-doc`} className="arg-doc muted">
          {sentence(item.doc)}
        </p>
      </div>
      {entry === undefined ? null : (
        <div className="nested" role="group" aria-label={`Options of ${item.class_name}`}>
          <ArgForm
            item={withLogs(item, logs)}
            config={referenceConfig(entry)}
            catalog={catalog}
            problems={problemsOfEntry(problems, index)}
            idPrefix={id}
            onChange={(name, value) =>
              replace(makeReference('callbacks', item.class_name, { ...referenceConfig(entry), [name]: value }))
            }
          />
        </div>
      )}
    </li>
  );
}

export function Callbacks({ catalog, settings, problems }: Omit<EntryProps, 'item'>) {
  const items = offered(catalog);
  const on = items.filter((item) => settings.callbacks.some((entry) => referenceName(entry) === item.class_name));
  const [open, setOpen] = useState(on.length > 0);
  if (items.length === 0) return null;
  return (
    <details className="fold" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        While it trains{' '}
        <span className="muted">{on.length > 0 ? `${on.length} on` : 'callbacks: early stopping and others'}</span>
      </summary>
      <ul className="callbacks">
        {items.map((item) => (
          <Entry key={item.class_name} item={item} catalog={catalog} settings={settings} problems={problems} />
        ))}
      </ul>
    </details>
  );
}
