"""French: names of kinds as "indefinite article singular/plural", and the ten commonest questions."""

NAMES = {
    "car": "une voiture/voitures",
    "bus": "un bus/bus",
    "truck": "un camion/camions",
    "train": "un train/trains",
    "bicycle": "un vélo/vélos",
    "boat": "un bateau/bateaux",
    "plane": "un avion/avions",
    "rocket": "une fusée/fusées",
    "balloon": "un ballon/ballons",
    "cat": "un chat/chats",
    "dog": "un chien/chiens",
    "fish": "un poisson/poissons",
    "bird": "un oiseau/oiseaux",
    "rabbit": "un lapin/lapins",
    "snail": "un escargot/escargots",
    "butterfly": "un papillon/papillons",
    "turtle": "une tortue/tortues",
    "elephant": "un éléphant/éléphants",
    "penguin": "un pingouin/pingouins",
    "owl": "une chouette/chouettes",
    "house": "une maison/maisons",
    "castle": "un château/châteaux",
    "tent": "une tente/tentes",
    "lighthouse": "un phare/phares",
    "tree": "un arbre/arbres",
    "flower": "une fleur/fleurs",
    "cactus": "un cactus/cactus",
    "mushroom": "un champignon/champignons",
    "apple": "une pomme/pommes",
    "banana": "une banane/bananes",
    "carrot": "une carotte/carottes",
    "cake": "un gâteau/gâteaux",
    "cup": "une tasse/tasses",
    "book": "un livre/livres",
    "umbrella": "un parapluie/parapluies",
    "key": "une clé/clés",
    "clock": "une pendule/pendules",
    "guitar": "une guitare/guitares",
    "hat": "un chapeau/chapeaux",
    "gift": "un cadeau/cadeaux",
    "shirt": "une chemise/chemises",
    "crown": "une couronne/couronnes",
    "shoe": "une chaussure/chaussures",
    "circle": "un cercle/cercles",
    "square": "un carré/carrés",
    "triangle": "un triangle/triangles",
    "star": "une étoile/étoiles",
    "heart": "un cœur/cœurs",
}
COLOURS = {
    "red": "rouge",
    "orange": "orange",
    "yellow": "jaune",
    "green": "vert",
    "blue": "bleu",
    "purple": "violet",
    "pink": "rose",
    "brown": "marron",
    "black": "noir",
    "white": "blanc",
}


def words(kind: str) -> dict[str, str]:
    """Every form that a template may ask for."""
    article, forms = NAMES[kind].split(" ", 1)
    one, many = forms.split("/")
    if one[0] in "aeiouéâ":
        the, of = f"l'{one}", f"de l'{one}"
    else:
        the, of = (f"le {one}", f"du {one}") if article == "un" else (f"la {one}", f"de la {one}")
    joined = f"d'{many}" if the.startswith("l'") else f"de {many}"
    return {"the": the, "a": f"{article} {one}", "of": of, "many": joined, "plural": many}


TEMPLATES: dict[str, tuple[str, ...]] = {
    "caption": (
        "Décris l'image.",
        "Décrivez l'image.",
        "Décris cette image en une phrase.",
        "Décrivez brièvement cette photo.",
        "S'il te plaît, décris l'image.",
        "Que vois-tu?",
        "Que vois-tu sur la photo?",
        "Que montre l'image?",
        "Qu'est-ce qu'il y a sur l'image?",
        "Qu'est-ce que c'est?",
    ),
    "colour": (
        "De quelle couleur est {the}?",
        "De quelle couleur est {the} sur l'image?",
        "Quelle est la couleur {of}?",
        "Quelle couleur a {the}?",
        "Dis-moi la couleur {of}.",
    ),
    "count": (
        "Combien d'objets y a-t-il?",
        "Combien d'objets vois-tu?",
        "Combien d'objets y a-t-il sur l'image?",
        "Combien de choses vois-tu?",
        "Compte les objets.",
    ),
    "count kind": (
        "Combien {many} y a-t-il?",
        "Combien {many} vois-tu?",
        "Combien {many} y a-t-il sur l'image?",
        "Compte les {plural}.",
        "Il y a combien {many}?",
    ),
    "where": (
        "Où est {the}?",
        "Où est {the} sur l'image?",
        "Où se trouve {the}?",
        "Où vois-tu {the}?",
        "Dis-moi où est {the}.",
    ),
    "which": (
        "Quel objet est {colour}?",
        "Qu'est-ce qui est {colour}?",
        "Quelle chose est {colour}?",
        "Quel objet est {colour} sur l'image?",
        "Que vois-tu de {colour}?",
    ),
    "is there": (
        "Y a-t-il {a}?",
        "Y a-t-il {a} sur l'image?",
        "Est-ce qu'il y a {a}?",
        "Vois-tu {a}?",
        "Il y a {a}?",
    ),
    "left of": (
        "Qu'est-ce qui est à gauche {of}?",
        "Qu'y a-t-il à gauche {of}?",
        "Que vois-tu à gauche {of}?",
        "Quel objet est à gauche {of}?",
    ),
    "right of": (
        "Qu'est-ce qui est à droite {of}?",
        "Qu'y a-t-il à droite {of}?",
        "Que vois-tu à droite {of}?",
        "Quel objet est à droite {of}?",
    ),
    "background": (
        "Qu'est-ce qu'il y a en arrière-plan?",
        "Que vois-tu en arrière-plan?",
        "Quel est l'arrière-plan?",
        "Décris le fond de l'image.",
        "Quel est ce lieu?",
    ),
}
