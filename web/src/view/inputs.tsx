export function InputsTab() {
  return null;
}
