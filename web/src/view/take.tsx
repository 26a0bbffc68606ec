export function TakeTab() {
  return null;
}
