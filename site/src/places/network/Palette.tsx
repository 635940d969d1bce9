/** All layers that there are, from the schema. */
import { useMemo } from 'react';
import type { ClassSchema } from '@trainyard/types';
import { useEngine } from '../../engine/session';
import { takeTemplate } from '../../engine/templates';
import { templates, type Template } from '../../engine/templateTable';
import { classesOf } from '../../graph/catalog';
import { familyColour } from '../../graph/reports';
import { plainName } from '../../graph/summary';
import { setUi, useUi } from '../../state/ui';
import { Icon } from '../../ui/Icon';
import { Empty, Loading } from '../../ui/States';
import { addFromPalette, dragType, templateDragType } from './addLayer';
import { bestMatch, searchLayers, searchTemplates, type FamilyGroup } from './paletteSearch';

function Entry({ item }: { item: ClassSchema }) {
  return (
    <li>
      <button
        type="button"
        className="palette-entry"
        draggable
        title={item.doc}
        aria-label={`Add ${item.class_name}`}
        onClick={() => addFromPalette(item)}
        onDragStart={(event) => {
          event.dataTransfer.setData(dragType, item.class_name);
          event.dataTransfer.effectAllowed = 'copy';
        }}
      >
        <span className="palette-mark" style={{ background: familyColour(item.family) }} />
        <span>{item.class_name}</span>
        <Icon name="plus" />
      </button>
    </li>
  );
}

function Family({ group }: { group: FamilyGroup }) {
  return (
    <section aria-label={plainName(group.family)}>
      <h3 className="palette-family">{plainName(group.family)}</h3>
      <ul>
        {group.items.map((item) => (
          <Entry key={item.class_name} item={item} />
        ))}
      </ul>
    </section>
  );
}

function TemplateEntry({ template }: { template: Template }) {
  return (
    <li>
      <button
        type="button"
        className="palette-entry"
        draggable
        title={template.about}
        aria-label={`Take the template ${template.title}`}
        onClick={() => void takeTemplate(template)}
        onDragStart={(event) => {
          event.dataTransfer.setData(templateDragType, template.name);
          event.dataTransfer.effectAllowed = 'copy';
        }}
      >
        <Icon name="template" />
        <span>{template.title}</span>
      </button>
    </li>
  );
}

/** Whole networks: tapped or dropped on the canvas they take the place of what is drawn. */
function Templates() {
  const query = useUi((state) => state.paletteQuery);
  const found = searchTemplates(templates, query);
  if (found.length === 0) return null;
  return (
    <details className="fold palette-templates" open={query.trim() !== ''}>
      <summary>
        Templates <span className="muted">{found.length}</span>
      </summary>
      <ul>
        {found.map((template) => (
          <TemplateEntry key={template.name} template={template} />
        ))}
      </ul>
    </details>
  );
}

export function Palette() {
  const catalog = useEngine((state) => state.catalog);
  const query = useUi((state) => state.paletteQuery);
  const groups = useMemo(() => (catalog ? searchLayers(classesOf(catalog, 'layers'), query) : []), [catalog, query]);
  if (!catalog) return <Loading label="Starting the engine …" />;
  return (
    <div className="palette">
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
            const best = event.key === 'Enter' ? bestMatch(groups) : null;
            if (best) addFromPalette(best);
          }}
        />
        <kbd className="kbd">/</kbd>
      </div>
      <div className="palette-list">
        <Templates key={query.trim() === '' ? 'all' : 'found'} />
        {groups.length === 0 ? (
          <Empty icon="search">No layer is called “{query}”.</Empty>
        ) : (
          groups.map((group) => <Family key={group.family} group={group} />)
        )}
      </div>
    </div>
  );
}
