"""The theme of Gradio's own components: fonts, colours and spacing, in light and dark mode."""

from gradio.themes import Base, LocalFont, sizes

INK, GROUND = "#13201C", "#F2F5F4"

COLOURS = {  # Gradio's name of a colour: its value in light mode, and in dark mode
    "body_background_fill": (GROUND, "#0E1312"),
    "background_fill_primary": ("#FFFFFF", "#151B19"),
    "background_fill_secondary": ("#E6EBE9", "#222B28"),
    "body_text_color": (INK, "#E8EFEC"),
    "body_text_color_subdued": ("#4B5954", "#A7B5AF"),
    "block_background_fill": ("transparent", "transparent"),
    "block_label_text_color": (INK, "#E8EFEC"),
    "block_title_text_color": (INK, "#E8EFEC"),
    "block_info_text_color": ("#4B5954", "#A7B5AF"),
    "border_color_primary": ("#D3DBD8", "#2C3633"),
    "input_border_color": ("#7A8782", "#75847E"),
    "input_background_fill": ("#FFFFFF", "#151B19"),
    "color_accent_soft": ("#E6EBE9", "#222B28"),
    "slider_color": (INK, "#E8EFEC"),
    "button_primary_background_fill": (INK, "#E8EFEC"),
    "button_primary_background_fill_hover": ("#2A3A35", "#FFFFFF"),
    "button_primary_text_color": ("#FFFFFF", "#0E1312"),
    "button_secondary_background_fill": ("#FFFFFF", "#151B19"),
    "button_secondary_border_color": ("#7A8782", "#75847E"),
    "button_secondary_text_color": (INK, "#E8EFEC"),
}

SHAPES = {
    "color_accent": "#0A8A76",
    "block_border_width": "0px",
    "block_shadow": "none",
    "block_padding": "0px",
    "block_label_background_fill": "transparent",
    "block_title_text_weight": "700",
    "block_title_text_size": "13px",
    "block_radius": "8px",
    "input_radius": "4px",
    "input_shadow": "none",
    "input_shadow_focus": "none",
    "button_primary_shadow": "none",
    "button_large_radius": "8px",
    "button_large_text_weight": "700",
    "layout_gap": "16px",
    "form_gap_width": "0px",
    "panel_border_width": "0px",
}


def theme() -> Base:
    """Build the theme. Its fonts come with Gradio, so nothing is loaded from the internet."""
    plain = Base(
        font=[LocalFont("IBM Plex Sans", weights=(400, 700)), "system-ui", "sans-serif"],
        font_mono=[LocalFont("IBM Plex Mono", weights=(400,)), "monospace"],
        text_size=sizes.text_md,
    )
    lights = {name: light for name, (light, _) in COLOURS.items()}
    darks = {f"{name}_dark": dark for name, (_, dark) in COLOURS.items()}
    return plain.set(**lights, **darks, **SHAPES)
