/**
 * What a button is while its work is under way: it does nothing, and keeps the keyboard, which one that is `disabled`
 * would lose.
 */
export function busy(isBusy: boolean): { readonly "aria-disabled"?: true; readonly onClickCapture?: (event: React.MouseEvent) => void } {
  return isBusy ? { "aria-disabled": true, onClickCapture: stop } : {};
}

function stop(event: React.MouseEvent): void {
  event.preventDefault();
  event.stopPropagation();
}
