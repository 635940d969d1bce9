import './engine/early';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { boot } from './app/boot';
import { watchHistory } from './app/history';
import { watchTheme } from './app/theme';
import { watchScreen } from './app/awake';
import { watchInstall } from './pwa/install';
import { watchKeyboard } from './ui/keyboard';
import { mendLanguage } from './ui/language';
import './style/index.css';

mendLanguage();
watchTheme();
watchHistory();
watchInstall();
watchKeyboard();
watchScreen();
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
void boot();
