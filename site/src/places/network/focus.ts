/** Moving the keyboard's focus between the canvas and the inspector. */
export function focusNode(id: string): void {
  requestAnimationFrame(() =>
    document
      .querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`)
      ?.focus({ preventScroll: true }),
  );
}

export function focusInspector(): void {
  requestAnimationFrame(() =>
    requestAnimationFrame(() =>
      document.querySelector<HTMLElement>('.inspector input, .inspector select, .inspector button')?.focus(),
    ),
  );
}

/** At once where it can be: what is typed next belongs into it. */
export function focusPalette(): void {
  const search = () => document.querySelector<HTMLElement>('#palette-search');
  const shown = search();
  if (shown) shown.focus();
  else requestAnimationFrame(() => search()?.focus());
}
