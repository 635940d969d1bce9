import type { ComponentType } from 'react';
import type { ArgSchema, Json } from '@trainyard/types';
import type { Catalog } from '../graph/catalog';

export interface WidgetProps {
  arg: ArgSchema;
  value: Json;
  onChange: (value: Json) => void;
  /** Of the control, for its label; and of the text that explains it. */
  id: string;
  describedBy: string;
  invalid: boolean;
  catalog: Catalog;
  /** Told what cannot be read as it is typed; null when it can again. */
  onProblem: (problem: string | null) => void;
}

export type Widget = ComponentType<WidgetProps>;
