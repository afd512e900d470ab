import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconMenu2, IconPlus } from '@tabler/icons-react';
import { Link, NavLink, useLocation } from 'react-router';
import { SchemeToggle } from '@/components/ui/SchemeToggle';
import { Wordmark } from '@/components/ui/Wordmark';
import classes from './Header.module.css';
import { MemoryNote } from './MemoryNote';
import { useIsEmptyHome } from './useIsEmptyHome';

const PLACES = [
  { to: '/', label: 'Deployments' },
  { to: '/models', label: 'Models' },
  { to: '/machine', label: 'Machine' },
] as const;

const isHere = (to: string, path: string): boolean =>
  to === '/' ? path === '/' || /^\/(deployments|test)\//.test(path) : path.startsWith(to);

export function Header() {
  const { pathname } = useLocation();
  const isEmptyHome = useIsEmptyHome();
  const isList = PLACES.some((place) => place.to === pathname);
  return (
    <header className={classes.header}>
      <div className={classes.inner}>
        <Wordmark />
        <nav className={classes.nav} aria-label="Main">
          {PLACES.map(({ to, label }) => (
            <NavLink
              key={to}
              to={to}
              className={classes.link ?? ''}
              data-active={isHere(to, pathname) || undefined}
            >
              {label}
            </NavLink>
          ))}
        </nav>
        <div className={classes.right}>
          {isList ? null : <MemoryNote />}
          <SchemeToggle className={classes.wide} />
          {isList && !isEmptyHome ? (
            <Button
              component={Link}
              to="/deploy/model"
              leftSection={<IconPlus size={14} stroke={1.75} aria-hidden />}
            >
              Deploy a model
            </Button>
          ) : null}
          <NarrowMenu />
        </div>
      </div>
    </header>
  );
}

function NarrowMenu() {
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <ActionIcon className={classes.narrow} size={44} aria-label="Menu">
          <IconMenu2 size={20} stroke={1.75} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {PLACES.map(({ to, label }) => (
          <Menu.Item key={to} component={Link} to={to}>
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <SchemeToggle asItem />
      </Menu.Dropdown>
    </Menu>
  );
}
