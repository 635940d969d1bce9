/** Widgets of single controls. */
import { useEffect, useRef, useState } from 'react';
import { formatArg, isProblem, parseArg } from './parse';
import type { WidgetProps } from './types';
import { isObject } from '../graph/json';

/** A field whose text may be unfinished while it is typed: only what can be read is passed on. */
export function TextWidget({ arg, value, onChange, id, describedBy, invalid, onProblem }: WidgetProps) {
  const shown = formatArg(arg, value);
  const [text, setText] = useState(shown);
  const typed = useRef<string | null>(null);
  useEffect(() => {
    if (typed.current !== shown) setText(shown);
    typed.current = null;
  }, [shown]);

  const change = (raw: string) => {
    setText(raw);
    const parsed = parseArg(arg, raw);
    if (isProblem(parsed)) {
      onProblem(parsed.problem);
      return;
    }
    onProblem(null);
    typed.current = formatArg(arg, parsed.value);
    onChange(parsed.value);
  };
  const settle = () => {
    setText(shown);
    onProblem(null);
  };
  const numeric = arg.kind === 'int' || arg.kind === 'float' || arg.kind === 'number_or_schedule';
  // The number pad of an iPhone has no minus.
  const pad = numeric && arg.min !== undefined && arg.min >= 0;
  const common = {
    id,
    className: 'input',
    value: text,
    'aria-describedby': describedBy,
    'aria-invalid': invalid,
    'aria-required': arg.required,
    placeholder: arg.nullable ? 'default' : '',
    onBlur: settle,
  };
  if (arg.kind === 'json')
    return <textarea {...common} rows={4} spellCheck={false} onChange={(event) => change(event.target.value)} />;
  return (
    <input
      {...common}
      inputMode={pad ? 'decimal' : 'text'}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => change(event.target.value)}
    />
  );
}

export function FlagWidget({ value, onChange, id, describedBy }: WidgetProps) {
  return (
    <input
      id={id}
      className="switch"
      type="checkbox"
      role="switch"
      checked={value === true}
      aria-describedby={describedBy}
      onChange={(event) => onChange(event.target.checked)}
    />
  );
}

const empty = '\u0000';

export function ChoiceWidget({ arg, value, onChange, id, describedBy, invalid }: WidgetProps) {
  const choices = arg.choices ?? [];
  const current = typeof value === 'string' ? value : empty;
  const strange = current !== empty && !choices.includes(current);
  return (
    <select
      id={id}
      className="select"
      value={current}
      aria-describedby={describedBy}
      aria-invalid={invalid}
      onChange={(event) => onChange(event.target.value === empty ? null : event.target.value)}
    >
      {arg.nullable || current === empty ? <option value={empty}>default</option> : null}
      {strange ? <option value={current}>{current}</option> : null}
      {choices.map((choice) => (
        <option key={choice} value={choice}>
          {choice}
        </option>
      ))}
    </select>
  );
}

const dtypes = [
  'float32',
  'float16',
  'bfloat16',
  'float64',
  'int32',
  'uint8',
  'bool',
  'mixed_float16',
  'mixed_bfloat16',
];

/** A dtype's name, also where Keras wrote a whole policy object. */
export function DtypeWidget(props: WidgetProps) {
  const { value, arg } = props;
  const config = isObject(value) ? value['config'] : null;
  const name = isObject(config) ? (config['name'] ?? null) : value;
  return <ChoiceWidget {...props} value={name} arg={{ ...arg, choices: arg.choices ?? dtypes }} />;
}
