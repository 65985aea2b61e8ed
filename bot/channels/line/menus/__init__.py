"""Pictures of the rich menus, and the program that draws them."""
