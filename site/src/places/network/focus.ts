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

export function focusPalette(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('#palette-search')?.focus());
}
