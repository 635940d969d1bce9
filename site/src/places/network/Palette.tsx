/** All layers that there are, from the schema, and whole networks to begin with. */
import { Fragment, useMemo, type KeyboardEvent, type ReactNode } from 'react';
import type { ClassSchema } from '@trainyard/types';
import { useEngine } from '../../engine/session';
import { takeTemplate } from '../../engine/templates';
import { templates, type Template } from '../../engine/templateTable';
import { classesOf } from '../../graph/catalog';
import { familyColour } from '../../graph/families';
import { plainName } from '../../graph/summary';
import { sentence } from '../../graph/words';
import { setUi, useUi } from '../../state/ui';
import { Icon } from '../../ui/Icon';
import type { IconName } from '../../ui/icons';
import { Empty, Loading } from '../../ui/States';
import { addFromPalette, dragType, templateDragType } from './addLayer';
import { bestMatch, searchLayers, searchTemplates, type FamilyGroup } from './paletteSearch';
import { focusPalette } from './focus';

/** Long names break before a capital. */
const breakable = (name: string) =>
  name.split(/(?<=[a-z])(?=[A-Z])/).map((part, index) => (
    <Fragment key={index}>
      {index > 0 ? <wbr /> : null}
      {part}
    </Fragment>
  ));

interface EntryProps {
  /** What a click or a tap does, for those who cannot see it. */
  action: string;
  about: string;
  /** Dropped on the canvas: which kind of thing, and which one. */
  drag: { type: string; name: string };
  icon: IconName;
  colour?: string;
  onClick: () => void;
  children: ReactNode;
}

/** A line of the palette: clicked, or dragged to its place on the canvas. */
function Entry({ action, about, drag, icon, colour, onClick, children }: EntryProps) {
  return (
    <li>
      <button
        type="button"
        className="palette-entry"
        draggable
        title={about}
        aria-label={action}
        onClick={onClick}
        onDragStart={(event) => {
          event.dataTransfer.setData(drag.type, drag.name);
          event.dataTransfer.effectAllowed = 'copy';
        }}
      >
        <span className="palette-mark" style={colour === undefined ? {} : { background: colour }} />
        <span className="palette-words">{children}</span>
        <Icon name={icon} />
      </button>
    </li>
  );
}

/** While something is looked for, each line says what the layer does. */
function Family({ group, explained }: { group: FamilyGroup; explained: boolean }) {
  return (
    <section aria-label={plainName(group.family)} className={explained ? 'explained' : ''}>
      <h2 className="palette-family">
        {plainName(group.family)} <span>{group.items.length}</span>
      </h2>
      <ul>
        {group.items.map((item) => (
          <Entry
            key={item.class_name}
            action={`Add ${item.class_name}`}
            about={sentence(item.doc)}
            drag={{ type: dragType, name: item.class_name }}
            icon="plus"
            colour={familyColour(item.family)}
            onClick={() => void addFromPalette(item)}
          >
            <span>{breakable(item.class_name)}</span>
            {explained ? <span className="muted small">{sentence(item.doc)}</span> : null}
          </Entry>
        ))}
      </ul>
    </section>
  );
}

/** Whole networks: tapped or dropped on the canvas they take the place of what is drawn. */
function Templates({ found, open }: { found: readonly Template[]; open: boolean }) {
  if (found.length === 0) return null;
  return (
    <details className="palette-templates" open={open}>
      <summary className="palette-family">
        Templates <span>{found.length}</span>
      </summary>
      <ul>
        {found.map((template) => (
          <Entry
            key={template.name}
            action={`Take the template ${template.title}`}
            about={template.about}
            drag={{ type: templateDragType, name: template.name }}
            icon="template"
            onClick={() => void takeTemplate(template)}
          >
            {template.title}
          </Entry>
        ))}
      </ul>
    </details>
  );
}

/** Up and down walk the list, so that it need not be tabbed through; from the first entry up leads back to the search. */
function walkList(event: KeyboardEvent<HTMLElement>): void {
  const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  const step = steps[event.key];
  if (step === undefined || (event.target instanceof HTMLInputElement && Math.abs(step) > 1)) return;
  const entries = [...event.currentTarget.querySelectorAll<HTMLElement>('.palette-entry')].filter(
    (entry) => entry.closest('details:not([open])') === null,
  );
  const at = entries.findIndex((entry) => entry === document.activeElement);
  const next = Math.max(-1, Math.min(entries.length - 1, at + step));
  event.preventDefault();
  event.stopPropagation();
  if (next < 0 && step === -1) focusPalette();
  else entries[Math.max(0, next)]?.focus();
}

function Search({ query, best }: { query: string; best: ClassSchema | null }) {
  return (
    <div className="palette-search">
      <Icon name="search" />
      <input
        id="palette-search"
        className="input"
        type="search"
        aria-label="Search layers"
        placeholder="Search layers"
        autoComplete="off"
        value={query}
        onChange={(event) => setUi({ paletteQuery: event.target.value })}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setUi({ paletteQuery: '' });
          if (event.key === 'Enter' && best) void addFromPalette(best);
        }}
      />
      <kbd className="kbd">/</kbd>
    </div>
  );
}

export function Palette() {
  const catalog = useEngine((state) => state.catalog);
  const query = useUi((state) => state.paletteQuery);
  const groups = useMemo(() => (catalog ? searchLayers(classesOf(catalog, 'layers'), query) : []), [catalog, query]);
  if (!catalog) return <Loading label="Starting the engine …" />;
  const looking = query.trim() !== '';
  const found = searchTemplates(templates, query);
  return (
    // Keys are heard here for all the buttons inside.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className="palette" onKeyDown={walkList}>
      <Search query={query} best={bestMatch(groups)} />
      <div className="palette-list">
        <Templates key={looking ? 'found' : 'all'} found={found} open={looking && groups.length === 0} />
        {groups.map((group) => (
          <Family key={group.family} group={group} explained={looking} />
        ))}
        {groups.length === 0 ? (
          <Empty
            icon="search"
            action={
              <button type="button" className="button" onClick={() => setUi({ paletteQuery: '' })}>
                Show all layers
              </button>
            }
          >
            No layer is called “{query.trim()}”, and none does that.
          </Empty>
        ) : null}
      </div>
    </div>
  );
}
