/** What a layer takes in Keras's dictionary, entry by entry: the same as its ports, for keys and small screens. */
import { useState } from 'react';
import { connectNodes } from '../../actions/network';
import { remove } from '../../commands/edits';
import { useEngine } from '../../engine/session';
import { byEntry, entryWords, plainBy, type Takes } from '../../graph/dictionary';
import { outputChoices, type OutputChoice } from '../../graph/outputs';
import { reportOf, shapesOf } from '../../graph/reports';
import { plainName } from '../../graph/summary';
import { reaches, topologicalOrder } from '../../graph/topology';
import { inEdges, nodeName, type Doc, type Edge } from '../../graph/types';
import { currentDoc, performCommand } from '../../state/project';

interface Source {
  node: string;
  choice: OutputChoice;
  text: string;
}

/** Every output that may lead into a node. */
function useSources(doc: Doc, node: string): Source[] {
  const catalog = useEngine((state) => state.catalog);
  const diagnosis = useEngine((state) => state.diagnosis);
  return topologicalOrder(doc)
    .filter((id) => !reaches(doc, node, id))
    .flatMap((id) => {
      const shapes = shapesOf(reportOf(diagnosis, doc.nodes[id]?.layer ?? ''), doc, id);
      const choices = outputChoices(doc, id, shapes, plainBy(catalog));
      return choices.map((choice) => ({
        node: id,
        choice,
        text: choices.length < 2 ? nodeName(doc, id) : `${nodeName(doc, id)}, ${choice.words}`,
      }));
    });
}

const isFrom = (edge: Edge | undefined, { node, choice }: Source): boolean =>
  edge?.source === node && edge.tensor === choice.from.tensor && edge.output === choice.from.output;

function Options({ sources }: { sources: readonly Source[] }) {
  return (
    <>
      <option value={-1}>not connected</option>
      {sources.map((source, index) => (
        <option key={`${source.node}:${source.choice.tail}`} value={index}>
          {source.text}
        </option>
      ))}
    </>
  );
}

interface RowProps {
  node: string;
  /** The entry's name in Keras. */
  name: string;
  /** It has none in the drawing. */
  plain: boolean;
  edge: Edge | undefined;
  sources: readonly Source[];
}

function EntryRow({ node, name, plain, edge, sources }: RowProps) {
  const id = `entry-${name}`;
  const change = (place: number) => {
    const source = sources[place];
    if (source) connectNodes(source.node, node, { ...source.choice.from, ...(plain ? {} : { entry: name }) });
    else if (edge) performCommand(remove(currentDoc(), [], [edge.id]));
  };
  return (
    <div className="arg">
      <div className="arg-head">
        <label htmlFor={id}>{plainName(entryWords(name))}</label>
        <code className="muted small">{name}</code>
      </div>
      <select
        id={id}
        className="select"
        value={sources.findIndex((source) => isFrom(edge, source))}
        onChange={(event) => change(Number(event.target.value))}
      >
        <Options sources={sources} />
      </select>
    </div>
  );
}

/** An entry that no layer knows: it is handed on as it is. */
function OtherEntry({ node, takes, sources }: { node: string; takes: Takes | null; sources: readonly Source[] }) {
  const [text, setText] = useState('');
  const name = text.trim();
  const fits = /^[^.]+(\.[^.]+)*$/.test(name);
  const connect = (place: number) => {
    const source = sources[place];
    if (!source) return;
    connectNodes(source.node, node, { ...source.choice.from, ...(name === takes?.plain ? {} : { entry: name }) });
    setText('');
  };
  return (
    <div className="arg">
      <div className="arg-head">
        <label htmlFor="entry-other">Another entry, by its name</label>
      </div>
      <input
        id="entry-other"
        className="input"
        value={text}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
      />
      {fits ? (
        <select
          className="select"
          aria-label={`Taken as ${name}`}
          value={-1}
          onChange={(event) => connect(Number(event.target.value))}
        >
          <Options sources={sources} />
        </select>
      ) : null}
      <p className="muted arg-doc">One that the layer does not know is handed on as it is.</p>
    </div>
  );
}

interface Props {
  doc: Doc;
  node: string;
  takes: Takes | null;
}

function Rows({ doc, node, takes }: Props) {
  const edges = inEdges(doc, node);
  const sources = useSources(doc, node);
  const given = edges.flatMap(({ entry }) => entry ?? []);
  const plain = takes?.plain;
  const others = [...new Set([...(takes?.entries ?? []), ...given])].filter((name) => name !== plain).sort(byEntry);
  return (
    <>
      {(plain === undefined ? others : [plain, ...others]).map((name) => (
        <EntryRow
          key={name}
          node={node}
          name={name}
          plain={name === plain}
          edge={edges.find(({ entry }) => entry === (name === plain ? undefined : name))}
          sources={sources}
        />
      ))}
      <OtherEntry node={node} takes={takes} sources={sources} />
    </>
  );
}

export function Entries({ doc, node, takes }: Props) {
  const given = inEdges(doc, node).filter(({ entry }) => entry !== undefined).length;
  const [open, setOpen] = useState(given > 0);
  return (
    <details className="fold" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Dictionary <span className="muted">{given === 0 ? '' : `${given} beside the pictures`}</span>
      </summary>
      <p className="muted arg-doc">
        Labels, boxes and masks that lead in here are changed together with the pictures. Each has an output of its own.
      </p>
      {open ? <Rows doc={doc} node={node} takes={takes} /> : null}
    </details>
  );
}
