/** What would keep somebody from reading or using the page: names, roles, contrast, by the rules of axe. */
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import type axe from 'axe-core';

const script = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

declare global {
  interface Window {
    axe?: typeof axe;
  }
}

/** A line for each rule that is broken (or each of these rules) within a part of the page, with the first place that breaks it. */
export async function brokenRules(page: Page, rules?: string[], part = 'html'): Promise<string[]> {
  await page.evaluate(script);
  return page.evaluate(
    async ({ only, part }) => {
      const found = await window.axe?.run(part, {
        resultTypes: ['violations'],
        ...(only ? { runOnly: only } : {}),
      });
      return (found?.violations ?? []).map(({ id, nodes }) => `${id}: ${String(nodes[0]?.target)} (${nodes.length})`);
    },
    { only: rules, part },
  );
}
