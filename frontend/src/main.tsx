import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './app/base.css';
import '@mantine/core/styles.layer.css';
import './app/fonts.css';
import './app/global.css';
import sans from '@fontsource-variable/geist/files/geist-latin-wght-normal.woff2?url';
import { preload } from 'react-dom';
import { App } from './app/App';

preload(sans, { as: 'font', type: 'font/woff2', crossOrigin: 'anonymous' });

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
