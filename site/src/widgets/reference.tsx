/** Widgets that hold an object of another group: a choice of its class, and that class's own arguments below. */
import type { ClassSchema, Group, Json, JsonObject } from '@trainyard/types';
import { classesOf, makeReference, referenceConfig, referenceName, starterConfig, valueOf } from '../graph/catalog';
import { ArgForm } from './ArgForm';
import { TextWidget } from './simple';
import type { WidgetProps } from './types';

/** What people come to change; the arguments of the others are folded away until asked for. */
const mainGroups: ReadonlySet<Group> = new Set<Group>(['optimizers', 'schedules']);

const none = '\u0000';
const plainNumber = '\u0001';

interface Chooser extends WidgetProps {
  group: Group;
  /** The entry for the value's other form: nothing, or a plain number. */
  other: { value: string; label: string } | null;
  otherValue: () => Json;
  /** The name of the choice where the field's label belongs to another control. */
  label?: string;
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

function ReferenceChooser(props: Chooser) {
  const { group, value, onChange, id, describedBy, invalid, catalog, other } = props;
  const name = referenceName(value);
  const item = name === null ? undefined : catalog[group].get(name);
  const choose = (chosen: string) => {
    if (other && chosen === other.value) {
      onChange(props.otherValue());
      return;
    }
    const next = catalog[group].get(chosen);
    if (next) onChange(makeReference(group, next.class_name, starterConfig(next, catalog)));
  };
  return (
    <>
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
        {name !== null && !item ? <option value={name}>{name}</option> : null}
        {classesOf(catalog, group).map((entry) => (
          <option key={entry.class_name} value={entry.class_name}>
            {entry.class_name}
          </option>
        ))}
      </select>
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
    <ReferenceChooser
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
      <ReferenceChooser
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
