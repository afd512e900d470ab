import type { ReactNode } from 'react';
import { Outlet, ScrollRestoration } from 'react-router';
import { Header } from './Header';
import classes from './Layout.module.css';

export function Layout({ children }: { children?: ReactNode }) {
  return (
    <>
      <a className={classes.skip} href="#main">
        Skip to content
      </a>
      <Header />
      <main id="main" className={classes.main} tabIndex={-1}>
        {children ?? <Outlet />}
      </main>
      <ScrollRestoration />
    </>
  );
}
