/** One widget a kind of argument; the compiler sees to it that none is missing. */
import type { ArgKind } from '@trainyard/types';
import { JsonWidget } from './list';
import { ReferenceWidget, ScheduleWidget } from './reference';
import { ChoiceWidget, DtypeWidget, FlagWidget, TextWidget } from './simple';
import type { Widget } from './types';

export const widgets = {
  flag: FlagWidget,
  int: TextWidget,
  float: TextWidget,
  text: TextWidget,
  choice: ChoiceWidget,
  int_tuple: TextWidget,
  int_list: TextWidget,
  shape: TextWidget,
  padding: TextWidget,
  axis: TextWidget,
  dtype: DtypeWidget,
  reference: ReferenceWidget,
  number_or_schedule: ScheduleWidget,
  json: JsonWidget,
} satisfies Record<ArgKind, Widget>;
