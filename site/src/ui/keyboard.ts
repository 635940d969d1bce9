/** Room for the keyboard on the screen, where a browser lays it over the page instead of making the page smaller (Safari). */

interface View {
  height: number;
  offsetTop: number;
  scale: number;
}

/** Less is a bar of the browser's, which comes and goes. */
const leastKeyboard = 100;

/** How much of the page's lower end is covered, in pixels. A page that is zoomed in is not covered, only larger than the screen. */
export function coveredHeight(pageHeight: number, { height, offsetTop, scale }: View): number {
  const covered = Math.round(pageHeight - height - offsetTop);
  return scale > 1.05 || covered < leastKeyboard ? 0 : covered;
}

export function watchKeyboard(): void {
  const view = window.visualViewport;
  if (!view) return;
  let before = 0;
  const update = () => {
    const covered = coveredHeight(window.innerHeight, view);
    if (covered === before) return;
    document.documentElement.style.setProperty('--keyboard', `${covered}px`);
    // Safari moves the page up for the keyboard and forgets to move it back.
    if (covered === 0) window.scrollTo(0, 0);
    before = covered;
  };
  view.addEventListener('resize', update);
  view.addEventListener('scroll', update);
}
