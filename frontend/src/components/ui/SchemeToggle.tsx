import { ActionIcon, Menu, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconMoon, IconSun } from '@tabler/icons-react';

interface Props {
  className?: string | undefined;
  asItem?: boolean;
}

/** The system's preference decides until somebody presses this. */
export function SchemeToggle({ className, asItem = false }: Props) {
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  const label = isDark ? 'Use light colours' : 'Use dark colours';
  const flip = () => setColorScheme(isDark ? 'light' : 'dark');
  const Icon = isDark ? IconMoon : IconSun;
  const icon = <Icon size={16} stroke={1.75} aria-hidden />;
  if (asItem) {
    return (
      <Menu.Item leftSection={icon} onClick={flip}>
        {label}
      </Menu.Item>
    );
  }
  return (
    <ActionIcon className={className} aria-label={label} title={label} onClick={flip}>
      {icon}
    </ActionIcon>
  );
}
