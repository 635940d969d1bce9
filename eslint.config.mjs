// For what has no configuration of its own: the client and worker in wasm/, the end-to-end tests, the scripts.
import { existsSync } from 'node:fs';
import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const typed = ['wasm', 'e2e'].filter((folder) => existsSync(`${import.meta.dirname ?? '.'}/${folder}/tsconfig.json`));

export default defineConfig(
  { ignores: ['build', 'site', '**/node_modules', 'wasm/tests/broken', '*/*.config.ts'] },
  js.configs.recommended,
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: { console: 'readonly', process: 'readonly', URL: 'readonly' } },
  },
  typed.map((folder) => ({
    files: [`${folder}/**/*.ts`],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: `./${folder}/tsconfig.json`, tsconfigRootDir: import.meta.dirname ?? process.cwd() },
    },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // What comes from a browser or a worker is less sure than its type says.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unnecessary-boolean-literal-compare': 'off',
      // Failures of the engine are diagnostics, values that can be posted between threads.
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      // Playwright's fixtures that need no other one.
      'no-empty-pattern': ['error', { allowObjectPatternsAsParameters: true }],
      'max-lines': ['error', 600],
    },
  })),
);
