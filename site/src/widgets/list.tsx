/** A list of objects of one group: layers inside a layer, metrics, each with its own arguments. */
import type { Group, Json, JsonObject } from '@trainyard/types';
import { makeReference } from '../graph/catalog';
import { starterConfig } from '../graph/starters';
import { plainName } from '../graph/summary';
import { Icon } from '../ui/Icon';
import { ClassOptions, ObjectChooser } from './reference';
import { TextWidget } from './simple';
import type { WidgetProps } from './types';

const placed = <T,>(list: readonly T[], from: number, to: number): T[] => {
  const next = [...list];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
};

function Tools({
  index,
  count,
  name,
  change,
}: {
  index: number;
  count: number;
  name: string;
  change: (to: number | null) => void;
}) {
  return (
    <span className="row list-tools">
      <button
        type="button"
        className="button quiet icon-only"
        disabled={index === 0}
        aria-label={`Move ${name} up`}
        title="Move up"
        onClick={() => change(index - 1)}
      >
        <Icon name="up" />
      </button>
      <button
        type="button"
        className="button quiet icon-only"
        disabled={index === count - 1}
        aria-label={`Move ${name} down`}
        title="Move down"
        onClick={() => change(index + 1)}
      >
        <Icon name="down" />
      </button>
      <button
        type="button"
        className="button quiet icon-only"
        aria-label={`Remove ${name}`}
        title="Remove"
        onClick={() => change(null)}
      >
        <Icon name="trash" />
      </button>
    </span>
  );
}

interface ListProps extends WidgetProps {
  group: Group;
}

function ReferenceList({ group, value, onChange, ...props }: ListProps) {
  const list = Array.isArray(value) ? value : [];
  const what = plainName(props.arg.name).toLowerCase();
  const add = (className: string) => {
    const item = props.catalog[group].get(className);
    if (item) onChange([...list, makeReference(group, item.class_name, starterConfig(item, props.catalog))]);
  };
  return (
    <div className="stack tight">
      {list.length > 0 ? (
        <ol className="object-list" aria-label={plainName(props.arg.name)}>
          {list.map((entry, index) => (
            <li key={index} className="stack tight">
              <ObjectChooser
                {...props}
                id={index === 0 ? props.id : `${props.id}-${index}`}
                group={group}
                value={entry}
                other={null}
                otherValue={() => null}
                label={`${index + 1} of ${what}`}
                tools={
                  <Tools
                    index={index}
                    count={list.length}
                    name={`${index + 1} of ${what}`}
                    change={(to) =>
                      onChange(to === null ? list.filter((_, other) => other !== index) : placed(list, index, to))
                    }
                  />
                }
                onChange={(next: Json) => onChange(list.map((old, other) => (other === index ? next : old)))}
              />
            </li>
          ))}
        </ol>
      ) : (
        <p className="muted small">None yet.</p>
      )}
      <select
        id={list.length === 0 ? props.id : undefined}
        className="select"
        aria-label={`Add to ${what}`}
        value=""
        onChange={(event) => add(event.target.value)}
      >
        <option value="">Add …</option>
        <ClassOptions group={group} arg={props.arg} catalog={props.catalog} />
      </select>
    </div>
  );
}

/** JSON as text, but for lists of objects that the schema knows. */
export function JsonWidget(props: WidgetProps) {
  return props.arg.group ? <ReferenceList {...props} group={props.arg.group} /> : <TextWidget {...props} />;
}

/** The layers of a nested Sequential model: the same list, in its config. */
export function NestedLayers({
  layers,
  ...props
}: Omit<WidgetProps, 'value' | 'arg'> & { layers: readonly JsonObject[] }) {
  const arg = {
    name: 'layers',
    kind: 'json' as const,
    group: 'layers' as const,
    doc: '',
    required: true,
    nullable: false,
    default: [],
    advanced: false,
  };
  return <ReferenceList {...props} group="layers" arg={arg} value={[...layers]} />;
}
