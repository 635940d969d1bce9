/** The arguments of a class, made from its schema: first those that matter, the advanced ones folded away. */
import { useState } from 'react';
import type { ArgSchema, ClassSchema, Diagnostic, Json, JsonObject } from '@trainyard/types';
import { isVisible, valueOf, type Catalog } from '../graph/catalog';
import { plainName } from '../graph/summary';
import { problemText, sentence } from '../graph/words';
import { widgets } from './index';

interface FormProps {
  item: ClassSchema;
  config: JsonObject;
  catalog: Catalog;
  problems: readonly Diagnostic[];
  idPrefix: string;
  /** Only what is required and the first of the rest stand open. */
  brief?: boolean;
  onChange: (arg: string, value: Json) => void;
}

/** `kernel_initializer.seed` is shown at `kernel_initializer`. */
const belongsTo = (problem: Diagnostic, arg: string): boolean =>
  problem.arg !== null && (problem.arg === arg || problem.arg.split(/[.[]/)[0] === arg);
const sameJson = (a: Json, b: Json): boolean => JSON.stringify(a) === JSON.stringify(b);

interface RowProps extends Omit<FormProps, 'item' | 'config' | 'onChange'> {
  arg: ArgSchema;
  value: Json;
  onChange: (value: Json) => void;
}

function ArgRow({ arg, value, catalog, problems, idPrefix, onChange }: RowProps) {
  const [typing, setTyping] = useState<string | null>(null);
  const Widget = widgets[arg.kind];
  const id = `${idPrefix}-${arg.name}`;
  const mine = problems.filter((problem) => belongsTo(problem, arg.name));
  const wrong = typing !== null || mine.some((problem) => problem.severity === 'error');
  const changed = !arg.required && !sameJson(value, arg.default);
  return (
    <div className={arg.kind === 'flag' ? 'arg flag' : 'arg'}>
      <div className="arg-head">
        <label htmlFor={id} title={arg.name}>
          {plainName(arg.name)}
          {arg.required ? <span className="arg-required"> required</span> : null}
        </label>
        {changed ? (
          <button
            type="button"
            className="arg-reset"
            title={`Back to the default of ${arg.name}`}
            aria-label={`Reset ${arg.name} to its default`}
            onClick={() => onChange(arg.default)}
          >
            reset
          </button>
        ) : null}
      </div>
      <Widget
        arg={arg}
        value={value}
        onChange={onChange}
        id={id}
        describedBy={`${id}-doc`}
        invalid={wrong}
        catalog={catalog}
        onProblem={setTyping}
      />
      <div id={`${id}-doc`} className="arg-doc">
        {typing !== null ? <p className="arg-problem">{typing}</p> : null}
        {mine.map((problem) => (
          <p key={problem.code + problem.path} className={problem.severity === 'error' ? 'arg-problem' : 'arg-warning'}>
            {problemText(problem)}
          </p>
        ))}
        <p className="muted">{sentence(arg.doc)}</p>
      </div>
    </div>
  );
}

export function ArgForm({ item, config, catalog, problems, idPrefix, brief = false, onChange }: FormProps) {
  const shown = item.args.filter((arg) => arg.name !== 'name' && isVisible(arg, item, config));
  const first = shown.find((arg) => !arg.required && !arg.advanced);
  const matters = (arg: ArgSchema) => arg.required || (brief ? arg === first : !arg.advanced);
  const isOpen = (arg: ArgSchema) => matters(arg) || problems.some((problem) => belongsTo(problem, arg.name));
  const row = (arg: ArgSchema) => (
    <ArgRow
      key={`${item.class_name}.${arg.name}`}
      arg={arg}
      value={valueOf(config, arg)}
      catalog={catalog}
      problems={problems}
      idPrefix={idPrefix}
      onChange={(value) => onChange(arg.name, value)}
    />
  );
  const plain = shown.filter(isOpen);
  const advanced = shown.filter((arg) => !isOpen(arg));
  const changed = advanced.filter((arg) => !sameJson(valueOf(config, arg), arg.default)).length;
  return (
    <div className="arg-form">
      {[...plain.filter((arg) => arg.required), ...plain.filter((arg) => !arg.required)].map(row)}
      {advanced.length > 0 ? (
        <details className="fold">
          <summary>
            {brief ? 'More' : 'Advanced'}{' '}
            <span className="muted">{changed > 0 ? `${changed} changed` : `${advanced.length}`}</span>
          </summary>
          {advanced.map(row)}
        </details>
      ) : null}
    </div>
  );
}
