import { ActionIcon, Button, type ButtonProps, VisuallyHidden } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useCopy } from './useCopy';

interface Props extends Omit<ButtonProps, 'children' | 'leftSection'> {
  value: string;
  /** The button's words; without them it is an icon with `what` as its name. */
  label?: string;
  /** "Copy {what}" for those who do not see the place it stands in. */
  what: string;
}

/** Answers with "Copied" for two seconds, to eyes and to a live region. */
export function CopyButton({ value, label, what, ...button }: Props) {
  const { copied, copy: toClipboard } = useCopy();
  const Icon = copied ? IconCheck : IconCopy;
  const icon = <Icon size={16} stroke={1.75} aria-hidden />;
  const copy = () => toClipboard(value);
  return (
    <>
      {label === undefined ? (
        <ActionIcon aria-label={`Copy ${what}`} title={`Copy ${what}`} onClick={copy} size={26}>
          {icon}
        </ActionIcon>
      ) : (
        <Button
          variant="default"
          {...button}
          leftSection={icon}
          aria-label={copied ? 'Copied' : `${label}${label === 'Copy' ? ` ${what}` : ''}`}
          onClick={copy}
        >
          {/* Both words lie on one place, so the button keeps its width. */}
          <span style={{ display: 'inline-grid', justifyItems: 'start' }}>
            <span style={{ gridArea: '1/1', visibility: copied ? 'hidden' : 'visible' }}>
              {label}
            </span>
            <span style={{ gridArea: '1/1', visibility: copied ? 'visible' : 'hidden' }}>
              Copied
            </span>
          </span>
        </Button>
      )}
      <VisuallyHidden role="status">{copied ? `Copied ${what}` : ''}</VisuallyHidden>
    </>
  );
}
