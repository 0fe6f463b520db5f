// ui/logo.tsx: the bird on its perch, as in icon.svg.
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect class="logo-ground" width="32" height="32" rx="8" />
      <path class="logo-perch" d="M6 23.500h20" />
      <path class="logo-bird" d="M8.500 20.500c0-6.500 4.200-11.500 9.700-11.500 3 0 4.600 1.700 5 3.600l2.600 1.300-2.600 1.200c-.3 4-3.600 6.900-8 6.900-1.600 0-2.700-.6-3.700-1.500z" />
      <circle class="logo-ground" cx="19.600" cy="12.700" r="1.150" />
    </svg>
  )
}
