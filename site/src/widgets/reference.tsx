/** Widgets that hold an object of another group: a choice of its class, and that class's own arguments below. */
import type { ReactNode } from 'react';
import type { ArgSchema, ClassSchema, Group, Json, JsonObject } from '@trainyard/types';
import { plainName } from '../graph/summary';
import {
  classesOf,
  isSource,
  makeReference,
  referenceConfig,
  referenceName,
  valueOf,
  type Catalog,
} from '../graph/catalog';
import { starterConfig } from '../graph/starters';
import { ArgForm } from './ArgForm';
import { TextWidget } from './simple';
import type { WidgetProps } from './types';

/** What people come to change; the arguments of the others are folded away until asked for. */
const mainGroups: ReadonlySet<Group> = new Set<Group>(['optimizers', 'schedules', 'layers']);

const none = '\u0000';
const plainNumber = '\u0001';

interface Chooser extends WidgetProps {
  group: Group;
  /** The entry for the value's other form: nothing, or a plain number. */
  other: { value: string; label: string } | null;
  otherValue: () => Json;
  /** The name of the choice where the field's label belongs to another control. */
  label?: string;
  /** Stands beside the choice. */
  tools?: ReactNode;
}

function Details({
  item,
  value,
  onChange,
  props,
}: {
  item: ClassSchema;
  value: Json;
  onChange: (config: JsonObject) => void;
  props: Chooser;
}) {
  const args = item.args.filter((arg) => arg.name !== 'name');
  if (args.length === 0) return null;
  const config = referenceConfig(value);
  const changed = args.filter(
    (arg) => !arg.required && JSON.stringify(valueOf(config, arg)) !== JSON.stringify(arg.default),
  );
  const label = `${item.class_name} of ${props.arg.name}`;
  const form = (
    <ArgForm
      item={item}
      config={config}
      catalog={props.catalog}
      problems={[]}
      idPrefix={`${props.id}-in`}
      brief
      onChange={(name, next) => onChange({ ...config, [name]: next })}
    />
  );
  if (mainGroups.has(props.group) || args.some((arg) => arg.required)) {
    return (
      <div className="nested" role="group" aria-label={label}>
        {form}
      </div>
    );
  }
  return (
    <details className="nested folded">
      <summary>
        Options of {item.class_name}{' '}
        {changed.length > 0 ? <span className="muted">{changed.length} changed</span> : null}
      </summary>
      {form}
    </details>
  );
}

/** What the argument may hold: cells where cells are asked for, and no layer that data enters by. */
function choices(group: Group, arg: ArgSchema, catalog: Catalog): ClassSchema[] {
  const all = classesOf(catalog, group);
  if (group !== 'layers') return all;
  const cells = /^cells?$/.test(arg.name);
  return all.filter((item) => !isSource(item) && (!cells || /Cells?$/.test(item.class_name)));
}

export function ClassOptions({ group, arg, catalog }: { group: Group; arg: ArgSchema; catalog: Catalog }) {
  const items = choices(group, arg, catalog);
  const option = (item: ClassSchema) => (
    <option key={item.class_name} value={item.class_name}>
      {item.class_name}
    </option>
  );
  const families = [...new Set(items.map((item) => item.family))];
  if (group !== 'layers' || families.length < 2) return items.map(option);
  return families.map((family) => (
    <optgroup key={family} label={plainName(family)}>
      {items.filter((item) => item.family === family).map(option)}
    </optgroup>
  ));
}

/** Names that Keras takes as they are and gives a meaning of its own: “accuracy” is the one that suits the loss. */
const plainNames: Partial<Record<Group, readonly string[]>> = { metrics: ['accuracy'] };

export function ObjectChooser(props: Chooser) {
  const { group, value, onChange, id, describedBy, invalid, catalog, other } = props;
  const name = referenceName(value);
  const plain = typeof value === 'string' && plainNames[group]?.includes(value) === true;
  const item = name === null || plain ? undefined : catalog[group].get(name);
  const choose = (chosen: string) => {
    if (other && chosen === other.value) {
      onChange(props.otherValue());
      return;
    }
    const next = catalog[group].get(chosen);
    if (plainNames[group]?.includes(chosen)) onChange(chosen);
    else if (next) onChange(makeReference(group, next.class_name, starterConfig(next, catalog)));
  };
  const select = (
    <select
      id={id}
      className="select"
      aria-label={props.label}
      value={item?.class_name ?? name ?? other?.value ?? ''}
      aria-describedby={describedBy}
      aria-invalid={invalid}
      onChange={(event) => choose(event.target.value)}
    >
      {other ? <option value={other.value}>{other.label}</option> : null}
      {name !== null && !item && !plain ? <option value={name}>{name}</option> : null}
      {name === null && !other ? <option value="">Choose …</option> : null}
      {plainNames[group]?.map((known) => (
        <option key={known} value={known}>
          {known}
        </option>
      ))}
      <ClassOptions group={group} arg={props.arg} catalog={catalog} />
    </select>
  );
  return (
    <>
      {props.tools ? (
        <div className="chooser-line">
          {select}
          {props.tools}
        </div>
      ) : (
        select
      )}
      {item ? (
        <Details
          item={item}
          value={value}
          props={props}
          onChange={(config) => onChange(makeReference(group, item.class_name, config))}
        />
      ) : null}
    </>
  );
}

export function ReferenceWidget(props: WidgetProps) {
  if (!props.arg.group) return <TextWidget {...props} />;
  return (
    <ObjectChooser
      {...props}
      group={props.arg.group}
      other={props.arg.nullable || props.value === null ? { value: none, label: 'none' } : null}
      otherValue={() => null}
    />
  );
}

/** A number, or a schedule that makes one. */
export function ScheduleWidget(props: WidgetProps) {
  const group = props.arg.group ?? 'schedules';
  if (classesOf(props.catalog, group).length === 0) return <TextWidget {...props} />;
  const plain = typeof props.value !== 'object' || props.value === null;
  return (
    <div className="stack tight">
      {plain ? <TextWidget {...props} /> : null}
      <ObjectChooser
        {...props}
        id={plain ? `${props.id}-schedule` : props.id}
        group={group}
        label={`Kind of ${props.arg.name}`}
        other={{ value: plainNumber, label: 'constant' }}
        otherValue={() =>
          props.arg.default !== null && typeof props.arg.default !== 'object' ? props.arg.default : 0.001
        }
      />
    </div>
  );
}
