/**
 * The ports along a layer's edges: one input and one output for most. Where inputs mean different things each has a port; those that need
 * not be filled show themselves when they are wanted. The entries of a dictionary have places of their own, each output under its input.
 */
import { useEffect, type MouseEvent } from 'react';
import { Handle, Position, useUpdateNodeInternals } from '@xyflow/react';
import type { ClassSchema } from '@trainyard/types';
import { beginConnection, connectNodes } from '../../actions/network';
import { useEngine } from '../../engine/session';
import { byEntry, dictionaryOf, entryWords, givenEntries, plainBy, type Takes } from '../../graph/dictionary';
import { inputRoles } from '../../graph/roles';
import { formatShape } from '../../graph/summary';
import { inEdges, outEdges, type Layer } from '../../graph/types';
import { useProject } from '../../state/project';
import { setUi, useUi } from '../../state/ui';
import { inputPort, outputAt, outputPort } from './flow';
import { inputAt } from './ports';

/** A tap on an output begins a connection; a tap on any port of another layer ends it. */
function portClicked(event: MouseEvent, id: string, port: string, isOutput: boolean): void {
  const { connectFrom: from, connectOutput } = useUi.getState();
  if (from === null && !isOutput) return;
  event.stopPropagation();
  if (from === null) beginConnection(id, outputAt(port));
  else if (from === id) setUi({ connectFrom: null });
  else connectNodes(from, id, { ...connectOutput, ...(isOutput ? {} : inputAt(id, port)) });
}

interface PortProps {
  node: string;
  /** Its id among the node's ports. */
  port: string;
  isOutput?: boolean;
  /** In percent of the node's width. */
  place: number;
  fed?: boolean;
  optional?: boolean;
  /** What the hand is told when it comes near; nothing where there is only one. */
  hint?: string | undefined;
  label: string;
}

function Port({ node, port, isOutput = false, place, fed = false, optional = false, hint, label }: PortProps) {
  return (
    <Handle
      id={port}
      type={isOutput ? 'source' : 'target'}
      position={isOutput ? Position.Bottom : Position.Top}
      style={{ left: `${place}%` }}
      className={['port', fed ? 'fed' : '', optional && !fed ? 'optional' : ''].filter(Boolean).join(' ')}
      data-hint={hint}
      role="button"
      aria-label={label}
      onClick={(event) => portClicked(event, node, port, isOutput)}
    />
  );
}

/** Evenly along the node's edge. */
const placeOf = (index: number, count: number): number => (100 * (index + 1)) / (count + 1);

/** xyflow must be told when ports come or go. */
function useNewPorts(id: string, ports: string): void {
  const update = useUpdateNodeInternals();
  useEffect(() => update(id), [id, ports, update]);
}

/** What a layer takes in a dictionary; null for most. */
function useTakes(layer: Layer): Takes | null {
  const catalog = useEngine((state) => state.catalog);
  return dictionaryOf(catalog, layer);
}

const separator = '\n';
const split = (names: string): string[] => (names === '' ? [] : names.split(separator));

/** The names of entries that a node's connections bear, "" for those without a name; as text, which is the same while nothing changes. */
function useNames(id: string): { inputs: string[]; outputs: string[]; key: string } {
  const inputs = useProject(({ doc }) =>
    [...new Set(inEdges(doc, id).map(({ entry }) => entry ?? ''))].join(separator),
  );
  const outputs = useProject(({ doc }) =>
    [...new Set(outEdges(doc, id).flatMap(({ output }) => output ?? []))].join(separator),
  );
  return { inputs: split(inputs), outputs: split(outputs), key: `${inputs}|${outputs}` };
}

/** Every entry's place along the node. The one without a name stands in its place among them, in the middle of Keras's five. */
function placesOf(takes: Takes | null, named: readonly string[]): ReadonlyMap<string, number> {
  const names = [...new Set([...(takes ? [takes.plain, ...takes.entries] : []), ...named])].sort(byEntry);
  return new Map(names.map((name, index) => [name, placeOf(index, names.length)]));
}

function EntryInputs({ id, layer, takes }: { id: string; layer: Layer; takes: Takes | null }) {
  const fed = useProject(({ doc }) => inEdges(doc, id).some(({ entry }) => entry === undefined));
  const { inputs, outputs, key } = useNames(id);
  const places = placesOf(takes, [...inputs, ...outputs].filter(Boolean));
  useNewPorts(id, key);
  return (
    <>
      <Port
        node={id}
        port={inputPort(0)}
        place={places.get(takes?.plain ?? '') ?? 50}
        fed={fed}
        hint={takes ? entryWords(takes.plain) : undefined}
        label={`Input of ${layer.name}`}
      />
      {[...places].map(([name, place]) =>
        name === takes?.plain ? null : (
          <Port
            key={name}
            node={id}
            port={inputPort(name)}
            place={place}
            fed={inputs.includes(name)}
            optional
            hint={entryWords(name)}
            label={`Input ${entryWords(name)} of ${layer.name}`}
          />
        ),
      )}
    </>
  );
}

function RoleInputs({ id, layer, item }: { id: string; layer: Layer; item: ClassSchema | undefined }) {
  const used = useProject((state) => inEdges(state.doc, id).length);
  const roles = inputRoles(item);
  const count = Math.max(1, roles.length);
  const needed = Math.max(1, item?.inputs?.min ?? 1);
  useNewPorts(id, String(count));
  return Array.from({ length: count }, (_, index) => (
    <Port
      key={index}
      node={id}
      port={inputPort(index)}
      place={placeOf(index, count)}
      fed={used > index}
      optional={index >= needed}
      hint={roles[index]}
      label={index === 0 ? `Input of ${layer.name}` : `Input ${roles[index] ?? index + 1} of ${layer.name}`}
    />
  ));
}

export function Inputs({ id, layer, item }: { id: string; layer: Layer; item: ClassSchema | undefined }) {
  const takes = useTakes(layer);
  const named = useNames(id).key !== '|';
  const dictionary = takes !== null || named;
  return dictionary ? (
    <EntryInputs id={id} layer={layer} takes={takes} />
  ) : (
    <RoleInputs id={id} layer={layer} item={item} />
  );
}

type Shapes = readonly (number | null)[][];

/** One output for each entry that the call is given, under its input; and what still leads somewhere though its entry is gone. */
function EntryOutputs({ id, layer, shapes }: { id: string; layer: Layer; shapes: Shapes }) {
  const takes = useTakes(layer);
  const { inputs, outputs, key } = useNames(id);
  const given = useProject(({ doc }) => givenEntries(doc, id, plainBy(useEngine.getState().catalog)).join(separator));
  const leads = useProject(({ doc }) => outEdges(doc, id).some(({ output }) => output === undefined));
  const places = placesOf(takes, [...inputs, ...outputs].filter(Boolean));
  const order = split(given);
  const unnamed = takes?.plain ?? '';
  const shown = [...new Set([...order, ...outputs, ...(leads ? [unnamed] : [])])];
  useNewPorts(id, `${key}|${shown.join(separator)}`);
  return shown.map((name) => {
    const plain = name === unnamed;
    const shape = formatShape(shapes[order.indexOf(name)]);
    return (
      <Port
        key={name}
        node={id}
        isOutput
        port={outputPort(plain ? 0 : name)}
        place={places.get(name) ?? 50}
        hint={[entryWords(name), shape].filter(Boolean).join(' · ')}
        label={plain ? `Output of ${layer.name}` : `Output ${entryWords(name)} of ${layer.name}`}
      />
    );
  });
}

function PlainOutputs({ id, layer, shapes }: { id: string; layer: Layer; shapes: Shapes }) {
  const highest = useProject((state) => Math.max(0, ...outEdges(state.doc, id).map((edge) => edge.tensor)));
  const count = Math.max(1, shapes.length, highest + 1);
  useNewPorts(id, String(count));
  return Array.from({ length: count }, (_, index) => (
    <Port
      key={index}
      node={id}
      isOutput
      port={outputPort(index)}
      place={placeOf(index, count)}
      hint={count > 1 ? `output ${index + 1} · ${formatShape(shapes[index])}` : undefined}
      label={index === 0 ? `Output of ${layer.name}` : `Output ${index + 1} of ${layer.name}`}
    />
  ));
}

export function Outputs({ id, layer, shapes }: { id: string; layer: Layer; shapes: Shapes }) {
  const { inputs, outputs } = useNames(id);
  return inputs.some(Boolean) || outputs.length > 0 ? (
    <EntryOutputs id={id} layer={layer} shapes={shapes} />
  ) : (
    <PlainOutputs id={id} layer={layer} shapes={shapes} />
  );
}
