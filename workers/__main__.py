"""`python -m workers`: what `testimonials worker` starts. The web half never imports this one."""

from workers.app import main

main()
