import type { SampleCategory } from "./garment-shapes.js";

/** Ten items of each category, one a line: name, color, its code, cut, pattern, gender, price in euros. */
export const sampleTables: Readonly<Record<SampleCategory, string>> = {
  upperwear_shirt: `
    Oxford Shirt        | Sky Blue     | #8fb6de | oxford | plain      | unisex | 59
    Poplin Shirt        | White        | #f4f2ec | dress  | plain      | male   | 49
    Evening Shirt       | Black        | #24242a | band   | plain      | unisex | 69
    Flannel Shirt       | Brick Red    | #a63f36 | work   | checks     | unisex | 55
    Camp Shirt          | Coral        | #ea7a5c | camp   | plain      | unisex | 45
    Corduroy Shirt      | Mustard      | #cf9b32 | work   | plain      | unisex | 65
    Linen Shirt         | Sage         | #9db08a | band   | plain      | unisex | 75
    Striped Shirt       | Teal         | #2f8079 | oxford | pinstripes | unisex | 59
    Satin Shirt         | Lavender     | #a796d2 | dress  | plain      | female | 79
    Dotted Shirt        | Rose         | #d77f9b | camp   | dots       | female | 52`,
  upperwear_tshirt: `
    Crew Tee            | White        | #f5f4f0 | crew    | plain  | unisex | 19
    Heavy Tee           | Black        | #1f1f23 | pocket  | plain  | unisex | 29
    Pocket Tee          | Heather Gray | #a3a5a8 | pocket  | plain  | unisex | 25
    Graphic Tee         | Tomato       | #d1483a | graphic | plain  | unisex | 32
    V-Neck Tee          | Tangerine    | #ee8f3c | vee     | plain  | female | 22
    Vintage Tee         | Lemon        | #efd04e | crew    | plain  | unisex | 27
    Long Henley         | Forest       | #3f6b48 | henley  | plain  | male   | 39
    Scoop Tee           | Aqua         | #57b4b6 | scoop   | plain  | female | 22
    Breton Tee          | Navy         | #2c3e66 | crew    | bands  | unisex | 35
    Chest Stripe Tee    | Plum         | #7c4a7d | chest   | plain  | unisex | 29`,
  upperwear_jacket: `
    Wool Blazer         | Charcoal     | #45474d | blazer  | plain      | male   | 189
    Double Blazer       | Navy         | #2b3a5e | double  | plain      | female | 199
    Car Coat            | Sand         | #c8ab7c | coat    | plain      | unisex | 229
    Wool Coat           | Burgundy     | #7a2a3a | coat    | plain      | female | 259
    Denim Trucker       | Mid Blue     | #5d83ad | trucker | denim      | unisex | 89
    Suede Trucker       | Cognac       | #a8653a | trucker | plain      | unisex | 179
    Flight Bomber       | Olive        | #6a7042 | bomber  | plain      | unisex | 119
    Satin Bomber        | Blush        | #dfa3a8 | bomber  | plain      | female | 99
    Down Puffer         | Saffron      | #dfa02c | puffer  | plain      | unisex | 149
    Hooded Puffer       | Emerald      | #24795d | hooded  | plain      | unisex | 169`,
  bottomwear_pants: `
    Slim Jeans          | Indigo       | #34496f | slim     | denim      | unisex | 79
    Straight Jeans      | Washed Blue  | #7d9dc0 | straight | denim      | unisex | 75
    Slim Jeans          | Black        | #26262b | slim     | denim      | unisex | 79
    Pleated Trousers    | Stone        | #bfb09a | pressed  | plain      | unisex | 89
    Pinstripe Trousers  | Slate        | #565d69 | pressed  | pinstripes | male   | 99
    Wide Trousers       | Terracotta   | #b9603f | wide     | plain      | female | 85
    Flared Trousers     | Aubergine    | #5d3658 | flared   | plain      | female | 79
    Cargo Pants         | Khaki Green  | #6f7f4a | cargo    | plain      | unisex | 69
    Corduroy Trousers   | Ochre        | #c08a35 | straight | plain      | unisex | 82
    Track Joggers       | Petrol       | #2a6b78 | jogger   | plain      | unisex | 55`,
  bottomwear_shorts: `
    Chino Shorts        | Sand         | #cdb48c | tailored | plain  | unisex | 45
    Tailored Shorts     | Navy         | #2d3d61 | tailored | plain  | unisex | 49
    Seersucker Shorts   | Powder Blue  | #9dbfdc | tailored | stripes | male  | 52
    Linen Shorts        | Terracotta   | #c26a4a | tailored | plain  | female | 48
    Denim Shorts        | Light Blue   | #7fa6cc | denim    | denim  | female | 42
    Denim Shorts        | Black        | #29292e | denim    | denim  | unisex | 42
    Sport Shorts        | Scarlet      | #cf3b3b | sport    | plain  | unisex | 29
    Running Shorts      | Mint         | #63b893 | sport    | plain  | unisex | 29
    Cargo Shorts        | Olive        | #77763f | cargo    | plain  | male   | 49
    Terry Shorts        | Lilac        | #ab90cc | sport    | plain  | female | 35`,
  bottomwear_skirt: `
    Pencil Skirt        | Black        | #232328 | pencil   | plain  | female | 59
    Tweed Skirt         | Dove Gray    | #a5a3a1 | aline    | checks | female | 75
    A-Line Skirt        | Camel        | #bd8f5a | aline    | plain  | female | 65
    Mini Skirt          | Cherry       | #b82f43 | mini     | plain  | female | 39
    Denim Mini Skirt    | Denim Blue   | #58799f | mini     | denim  | female | 45
    Pleated Skirt       | Emerald      | #2c7f63 | pleated  | plain  | female | 69
    Pleated Midi Skirt  | Mauve        | #a87a9c | pleated  | plain  | female | 72
    Circle Skirt        | Sunflower    | #e5b83c | full     | plain  | female | 62
    Tiered Maxi Skirt   | Burnt Orange | #cc6a33 | tiered   | plain  | female | 79
    Button Skirt        | Teal         | #36848c | buttoned | plain  | female | 55`,
  "one-piece_dress": `
    Little Dress        | Black        | #222227 | sheath | plain  | female | 89
    Linen Dress         | Ivory        | #ece5d4 | button | plain  | female | 99
    Slip Dress          | Champagne    | #d8bd98 | slip   | plain  | female | 95
    Wrap Dress          | Ruby         | #b12b45 | wrap   | plain  | female | 109
    Sun Dress           | Marigold     | #eaa63a | sun    | plain  | female | 69
    Shirt Dress         | Sage         | #8fa886 | button | plain  | female | 85
    Maxi Dress          | Emerald      | #1f7a5c | maxi   | plain  | female | 139
    Tea Dress           | Navy         | #33466f | tea    | dots   | female | 92
    Skater Dress        | Violet       | #7a5aa8 | skater | plain  | female | 65
    Belted Tea Dress    | Peony        | #d9688f | tea    | plain  | female | 89`,
  footwear_shoes: `
    Cap-Toe Oxfords     | Black        | #27262a | oxford  | plain | male   | 149
    Leather Oxfords     | Chestnut     | #8a4b2c | oxford  | plain | male   | 149
    Penny Loafers       | Oxblood      | #722b33 | loafer  | plain | unisex | 129
    Suede Loafers       | Forest       | #45684a | loafer  | plain | unisex | 129
    Chelsea Boots       | Tan          | #b98352 | chelsea | plain | unisex | 159
    Suede Chelsea Boots | Slate Blue   | #5a7396 | chelsea | plain | unisex | 165
    Monk Straps         | Mahogany     | #5f3029 | monk    | plain | male   | 169
    Lace-Up Boots       | Wheat        | #cfa355 | boot    | plain | unisex | 179
    Combat Boots        | Gray         | #77787c | boot    | plain | unisex | 169
    Brogues             | Plum         | #67466e | brogue  | plain | unisex | 139`,
  footwear_sneakers: `
    Court Sneakers      | White        | #f3f2ee | court  | plain | unisex | 89
    Canvas Sneakers     | Black        | #28282c | canvas | plain | unisex | 59
    Canvas Sneakers     | Red          | #c43a3a | canvas | plain | unisex | 59
    High-Top Sneakers   | Mustard      | #d9a035 | high   | plain | unisex | 75
    High-Top Sneakers   | Cobalt       | #2f57a6 | high   | plain | unisex | 75
    Running Shoes       | Coral        | #f0795f | runner | plain | female | 109
    Running Shoes       | Lime         | #9dc445 | runner | plain | unisex | 109
    Trail Runners       | Turquoise    | #2f9ea0 | runner | plain | unisex | 119
    Chunky Sneakers     | Cool Gray    | #9da3ab | chunky | plain | unisex | 99
    Chunky Sneakers     | Lilac        | #b095d4 | chunky | plain | female | 99`,
  footwear_heels: `
    Classic Pumps       | Black        | #26252a | pump      | plain | female | 99
    Classic Pumps       | Nude         | #d9b096 | pump      | plain | female | 99
    Stilettos           | Scarlet      | #c02a35 | stiletto  | plain | female | 129
    Stilettos           | Emerald      | #1f7f5f | stiletto  | plain | female | 129
    Bow Pumps           | Rose         | #d97a97 | bow       | plain | female | 109
    Ankle Strap Heels   | Royal Blue   | #3355a4 | ankle     | plain | female | 115
    Slingbacks          | Silver Gray  | #b3b5ba | slingback | plain | female | 105
    Slingbacks          | Violet       | #7b549f | slingback | plain | female | 105
    Heeled Mules        | Saffron      | #e0a531 | mule      | plain | female | 95
    Block Sandals       | Cognac       | #b06a3b | sandal    | plain | female | 89`,
  footwear_flats: `
    Bow Ballerinas      | Black        | #27262b | ballerina | plain | female | 59
    Bow Ballerinas      | Blush        | #e3aeb0 | ballerina | plain | female | 59
    Pointed Flats       | Crimson      | #b52d3f | pointed   | plain | female | 69
    Pointed Flats       | Leaf         | #6d9a4a | pointed   | plain | female | 69
    Mary Janes          | Navy         | #33466e | maryjane  | plain | female | 75
    Mary Janes          | Mustard      | #d3a03a | maryjane  | plain | female | 75
    Buckle Flats        | Lilac        | #a58bc6 | buckle    | plain | female | 72
    Bow Flats           | Teal         | #2f8585 | bow       | plain | female | 65
    Skimmers            | Oatmeal      | #cdbfa9 | skimmer   | plain | unisex | 49
    Strap Flats         | Rust         | #b5613a | strap     | plain | female | 69`,
  accessories_bag: `
    Canvas Tote         | Natural      | #ddd2bc | tote      | plain   | unisex | 35
    Striped Shopper     | Navy         | #34486f | shopper   | stripes | unisex | 45
    Leather Handbag     | Cognac       | #ad6737 | handbag   | plain   | female | 189
    Leather Handbag     | Black        | #27262a | handbag   | plain   | female | 189
    Bowling Bag         | Bottle Green | #2f6b50 | bowling   | plain   | female | 169
    Saddle Bag          | Mustard      | #d19c33 | crossbody | plain   | unisex | 119
    Chain Bag           | Cherry       | #b02c42 | chain     | plain   | female | 139
    Bucket Bag          | Sky          | #7fb0d3 | bucket    | plain   | female | 125
    City Backpack       | Slate        | #6a707b | backpack  | plain   | unisex | 99
    Envelope Clutch     | Orchid       | #b366a8 | clutch    | plain   | female | 79`,
  accessories_hat: `
    Felt Fedora         | Camel        | #b98b58 | fedora | plain  | unisex | 79
    Felt Fedora         | Burgundy     | #74303f | fedora | plain  | unisex | 79
    Baseball Cap        | Navy         | #2e4069 | cap    | plain  | unisex | 29
    Baseball Cap        | Kelly Green  | #3f8a52 | cap    | plain  | unisex | 29
    Badge Cap           | Black        | #28282d | badge  | plain  | unisex | 35
    Knit Beanie         | Pumpkin      | #d9772e | beanie | plain  | unisex | 25
    Pompon Beanie       | Raspberry    | #b73a68 | pompon | plain  | unisex | 32
    Bucket Hat          | Lilac        | #a993cf | bucket | plain  | unisex | 35
    Terry Bucket Hat    | Turquoise    | #45a8ab | bucket | plain  | unisex | 39
    Sun Hat             | Straw        | #dcc182 | sun    | plain  | female | 49`,
};
