"""JSON Web Tokens: taken apart, judged and made here, without asking anybody."""
