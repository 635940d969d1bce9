/** The arguments of one of Keras's operations: those that its file has, each in the field that its value asks for. */
import { useState } from 'react';
import type { ClassSchema, Diagnostic } from '@trainyard/types';
import { setOperationArg } from '../../commands/edits';
import type { Catalog } from '../../graph/catalog';
import { isSlicing, keyText, operationArgs, readKey, type OperationArg } from '../../graph/operationArgs';
import type { Layer } from '../../graph/types';
import { currentDoc, performCommand } from '../../state/project';
import { ArgForm } from '../../widgets/ArgForm';

const change = (layer: Layer, arg: OperationArg, value: OperationArg['value']) =>
  performCommand(setOperationArg(currentDoc(), layer.id, arg, value));

/** What stands between the brackets of `x[:, 0]`. */
function KeyField({ layer, arg }: { layer: Layer; arg: OperationArg }) {
  const shown = keyText(arg.value);
  const [text, setText] = useState<string | null>(null);
  const wrong = text !== null && readKey(text) === undefined;
  const typed = (next: string) => {
    setText(next);
    const key = readKey(next);
    if (key !== undefined) change(layer, arg, key);
  };
  return (
    <div className="arg">
      <div className="arg-head">
        <label htmlFor="operation-key">Positions</label>
      </div>
      <input
        id="operation-key"
        className="input"
        value={text ?? shown}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={wrong}
        aria-describedby="operation-key-doc"
        onChange={(event) => typed(event.target.value)}
        onBlur={() => setText(null)}
      />
      <div id="operation-key-doc" className="arg-doc">
        {wrong ? <p className="arg-problem">Write numbers and ranges, such as :, 0 or ..., 1:3.</p> : null}
        <p className="muted">What is taken of each dimension, the batch first, as Python writes it between brackets.</p>
      </div>
    </div>
  );
}

interface Props {
  layer: Layer;
  catalog: Catalog;
  problems: readonly Diagnostic[];
}

export function OperationForm({ layer, catalog, problems }: Props) {
  const all = operationArgs(layer);
  const key = isSlicing(layer) ? all.find(({ arg }) => arg.name === 'key') : undefined;
  const others = all.filter((arg) => arg !== key);
  const item: ClassSchema = {
    class_name: layer.className,
    group: 'layers',
    family: 'operations',
    doc: '',
    aliases: [],
    args: others.map(({ arg }) => arg),
  };
  return (
    <>
      {key ? <KeyField layer={layer} arg={key} /> : null}
      {others.length > 0 ? (
        <ArgForm
          item={item}
          config={Object.fromEntries(others.map(({ arg, value }) => [arg.name, value]))}
          catalog={catalog}
          problems={problems}
          idPrefix={`operation-${layer.id}`}
          onChange={(name, value) => {
            const arg = others.find((other) => other.arg.name === name);
            if (arg) change(layer, arg, value);
          }}
        />
      ) : null}
    </>
  );
}
